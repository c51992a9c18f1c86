"""Every refusal by its code, in the caller's language, and no failure tells what it must not."""

import json
import logging
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.exceptions import handle_exception
from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError, InstanceBusy, InvalidValue
from domain.parameters import validate_tenant

PLANS = "/api/v1/plans/"


def _answer(error: Exception) -> tuple[int, dict[str, Any]]:
    response = handle_exception(error, {"request": Request(APIRequestFactory().post("/api/v1/x/"))})
    return response.status_code, response.data["error"]


def test_an_error_of_the_trade_keeps_its_code_and_status() -> None:
    status, body = _answer(InstanceBusy(instance="saint-paul", kind="backup", operation="op-1"))
    assert (status, body["code"]) == (409, "instance_busy")
    assert "saint-paul" in body["message"] and "op-1" in body["hint"]


def test_a_refused_value_is_named_as_a_field() -> None:
    status, body = _answer(InvalidValue(field="slug", reason="reserved"))
    assert (status, body["code"]) == (400, "invalid_value")
    assert body["fields"] == [{"field": "slug", "reason": "reserved"}]


def test_all_faults_of_a_parish_are_named_at_once() -> None:
    with pytest.raises(CiviparoisseError) as refusal:
        validate_tenant({"name": "x", "slug": "www", "nmae": "y"})
    status, body = _answer(refusal.value)
    assert (status, body["code"]) == (400, "invalid_tenant")
    assert {"slug", "street", "nmae"} <= {fault["field"] for fault in body["fields"]}


def test_nested_and_global_refusals_are_flattened() -> None:
    detail = {"a": ["one", "two"], "b": {"c": ["three"]}, "d": [{}, {"e": ["four"]}], "non_field_errors": ["five"]}
    status, body = _answer(exceptions.ValidationError(detail))
    assert (status, body["code"]) == (400, "values_invalid")
    assert body["fields"] == [
        {"field": "a", "reason": "one two"},
        {"field": "b.c", "reason": "three"},
        {"field": "d.1.e", "reason": "four"},
        {"field": "body", "reason": "five"},
    ]


@pytest.mark.parametrize("error", [Http404("secret"), exceptions.NotFound("secret")])
def test_what_is_not_there_is_one_code(error: Exception) -> None:
    status, body = _answer(error)
    assert (status, body["code"]) == (404, "address_unknown")
    assert "secret" not in json.dumps(body)


def test_the_unexpected_is_logged_and_answered_by_its_reference_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "api.exceptions"):
        status, body = _answer(RuntimeError("password=hunter2"))
    assert (status, body["code"]) == (500, "server_error")
    assert "hunter2" not in json.dumps(body) and "Runtime" not in json.dumps(body)
    reference = caplog.messages[0].split()[-1]
    assert reference in body["hint"]
    assert caplog.records[0].exc_info is not None


@pytest.mark.parametrize(
    ("method", "path", "options", "code"),
    [
        ("get", "/api/v1/nowhere", {}, "address_unknown"),
        ("post", "/api/v1/", {}, "address_unknown"),
        ("get", "/api/v1/plans/none/", {}, "not_found"),
        ("get", "/api/v2/plans/", {}, "address_unknown"),
        ("put", PLANS, {"data": "{}", "content_type": "application/json"}, "method_not_allowed"),
        ("get", PLANS, {"headers": {"accept": "text/html"}}, "not_acceptable"),
        ("get", PLANS, {"headers": {"host": "elsewhere.example"}}, "bad_request"),
    ],
)
def test_every_refusal_has_its_code_and_status(
    api: Client, method: str, path: str, options: dict[str, Any], code: str
) -> None:
    answer = getattr(api, method)(path, **options)
    assert answer.json()["error"]["code"] == code
    assert answer.status_code == TEXTS[code].status


def test_the_language_is_the_callers_and_french_by_default(api: Client) -> None:
    english = api.get("/api/v1/nowhere", headers={"accept-language": "en"})
    assert english.json()["error"]["message"] == "There is nothing at /api/v1/nowhere."
    for wanted in ({}, {"accept-language": "de"}, {"accept-language": "fr-FR,en;q=0.5"}):
        assert api.get("/api/v1/nowhere", headers=wanted)["Content-Language"] == "fr"
