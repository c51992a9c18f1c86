"""Approved is what was shown, by an account that may and did not ask."""

from typing import Any

import pytest

from domain.states import InstanceState
from parish_requests.models import RestoreRequest
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_person, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> RestoreRequest:
    """A request for help."""
    return make_sent(make_instance_row(state=InstanceState.ACTIVE), wish="help")


def approve(request: RestoreRequest, *words: str, account: str = "marc", seen: str = "") -> tuple[int, Any]:
    digest = run_json("request_show", request.reference)[1]["preview"]["preview_sha256"]
    return run_json("request_approve", request.reference, "--seen", seen or digest[:12], "--as", account, *words)


def test_as_it_was_shown(sent: RestoreRequest) -> None:
    make_person()
    code, answer = approve(sent, "--dry-run")
    assert code == 0 and answer["outcome"] and answer["request"]["state"] == "approved"
    sent.refresh_from_db()
    assert sent.state == "submitted"
    code, answer = approve(sent)
    assert code == 0 and answer["request"]["state"] == "approved"
    assert [row["by"] for row in answer["request"]["approvals"]] == ["marc"]


@pytest.mark.parametrize("seen", ["0" * 64, "x", "", "0123456789ab"])
def test_what_was_not_seen_is_not_approved(sent: RestoreRequest, seen: str) -> None:
    make_person()
    code, answer = approve(sent, seen=seen or " ")
    assert code == 1 and answer["error"]["code"] == "request_preview_changed"
    sent.refresh_from_db()
    assert sent.state == "submitted"


def test_later(sent: RestoreRequest) -> None:
    make_person()
    words = ("--seen", "0" * 12, "--as", "marc", "--at", "soon")
    assert run_command("request_approve", sent.reference, *words)[0] != 0
    assert approve(sent, "--at", "2999-01-01T22:00")[0] == 1


def test_whoever_may_not_or_asked_does_not_decide(sent: RestoreRequest) -> None:
    make_person("omar", "operator")
    assert approve(sent, account="omar")[1]["error"]["code"] == "permission_missing"
    make_person("jeanne", mail=sent.asked_mail)
    assert approve(sent, account="jeanne")[1]["error"]["code"] == "request_own"
    assert run_command("request_approve", sent.reference, "--seen", "0" * 12)[0] != 0
