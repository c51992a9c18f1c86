"""What the API says becomes one of our errors, with what somebody can act on, and without what it may quote."""

import json
import ssl
from typing import Any

import pytest
import urllib3

from domain.errors import CiviparoisseError, ClusterConflict, ClusterForbidden, ClusterInvalid, QuotaExceeded
from domain.words import FAILURES
from engine.kubernetes.client import NO_DOCUMENT
from engine.kubernetes.errors import (
    ApiCall,
    ListExpired,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    describe_failure,
    make_unreachable,
    translate,
)

ASKED = ApiCall(verb="patch", resource="statefulsets", name="paroisse-set-db", instance="saint-paul")
SECRET = ApiCall(verb="patch", resource="secrets", name="secret", instance="saint-paul")


def answer(
    code: int, *, reason: str = "", message: str = "", call: ApiCall = ASKED, **details: Any
) -> CiviparoisseError:
    body = json.dumps({"kind": "Status", "reason": reason, "message": message, "details": details}).encode()
    return translate(code, body, {}, call)


def test_a_missing_right_is_named_as_a_role_names_it() -> None:
    error = answer(403, reason="Forbidden", message='User "x" cannot patch resource "statefulsets" in API group "apps"')
    assert isinstance(error, ClusterForbidden) and not error.retryable
    assert (error.params["verb"], error.params["resource"]) == ("patch", "statefulsets")


def test_a_full_quota_is_told_apart_with_its_figures() -> None:
    message = 'pods "x" is forbidden: exceeded quota: instance, requested: requests.memory=1Gi, used: 1Gi, limited: 1Gi'
    error = answer(403, reason="Forbidden", message=message)
    assert isinstance(error, QuotaExceeded)
    assert error.params["detail"].startswith("exceeded quota: instance, requested: requests.memory=1Gi")


def test_an_admission_s_refusal_is_about_the_object() -> None:
    error = answer(403, reason="Forbidden", message='pods "x" is forbidden: violates PodSecurity "baseline"')
    assert isinstance(error, ClusterInvalid) and "PodSecurity" in error.params["reason"]


def test_a_namespace_that_ends_is_asked_again_later() -> None:
    error = answer(403, message="because it is being terminated", causes=[{"reason": "NamespaceTerminating"}])
    assert (error.code, error.retryable) == ("namespace_ending", True)


def test_a_conflict_names_the_other_manager_and_the_field() -> None:
    cause = {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "kubectl-edit" using apps/v1: .spec.replicas',
        "field": ".spec.replicas",
    }
    error = answer(409, reason="Conflict", causes=[cause])
    assert isinstance(error, ClusterConflict) and not error.retryable
    assert (error.params["manager"], error.params["field"]) == ("kubectl-edit", ".spec.replicas")


def test_other_409s_are_told_apart() -> None:
    assert isinstance(answer(409, reason="AlreadyExists"), ObjectExists)
    changed = answer(409, reason="Conflict")
    assert isinstance(changed, ObjectChanged) and changed.retryable


def test_an_invalid_field_is_named() -> None:
    error = answer(422, reason="Invalid", causes=[{"field": "spec.replicas", "message": "must be at least 0"}])
    assert isinstance(error, ClusterInvalid)
    assert (error.params["field"], error.params["reason"]) == ("spec.replicas", "must be at least 0")
    unknown = answer(400, message='strict decoding error: unknown field "spec.replica"')
    assert unknown.params["field"] == "spec.replica"


def test_a_secret_s_value_is_never_told() -> None:
    causes = [{"field": "data[dbsecret]", "message": 'Invalid value: "hunter2"'}]
    for code in (400, 403, 422):
        error = answer(code, reason="Invalid", message="hunter2", causes=causes, call=SECRET)
        assert "hunter2" not in str(error) and "hunter2" not in json.dumps(error.params)


@pytest.mark.parametrize("code", [0, 408, 429, 500, 502, 503, 504])
def test_what_passes_is_retryable(code: int) -> None:
    error = answer(code, reason="x")
    assert (error.code, error.retryable) == ("cluster_unreachable", True)


def test_how_long_to_wait_is_kept() -> None:
    assert translate(429, b"", {"Retry-After": "7"}, ASKED).params["retry_after_seconds"] == 7
    assert answer(503, retryAfterSeconds=3).params["retry_after_seconds"] == 3
    assert "retry_after_seconds" not in translate(503, b"", {"Retry-After": "Wed, 25 Nov 2026"}, ASKED).params
    assert make_unreachable(ASKED, "gone").params["detail"] == "patch statefulsets/paroisse-set-db: gone"


def test_what_is_no_status_is_not_believed_and_long_texts_are_cut() -> None:
    page = translate(403, b"<html>blocked by a proxy", {}, ASKED)
    assert isinstance(page, ClusterForbidden)
    assert len(answer(422, message="x" * 5000).params["reason"]) <= 300


def test_the_rest() -> None:
    assert isinstance(answer(404, reason="NotFound"), ObjectMissing)
    assert isinstance(answer(410, reason="Expired"), ListExpired)
    assert answer(401).code == "cluster_account_refused"


def test_why_a_server_was_not_reached_has_words_for_people() -> None:
    refused = urllib3.exceptions.NewConnectionError(None, "refused")  # type: ignore[arg-type]
    for error, said in (
        (refused, "no connection"),
        (urllib3.exceptions.MaxRetryError(None, "/?token=x", refused), "no connection"),  # type: ignore[arg-type]
        (urllib3.exceptions.ReadTimeoutError(None, "/", "slow"), "no answer in time"),  # type: ignore[arg-type]
        (ConnectionResetError("reset"), "no connection"),
        (ssl.SSLError("not trusted"), "its certificate is not to be trusted, or it is no TLS server"),
    ):
        assert describe_failure(error) == said and said in FAILURES
    assert NO_DOCUMENT in FAILURES
