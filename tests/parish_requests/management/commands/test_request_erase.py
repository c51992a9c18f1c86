"""Erasing on the command line: looked at first, confirmed where the rule would wait."""

import pytest
from django.utils import timezone

from parish_requests.actors import MANAGER
from parish_requests.asking import withdraw_request
from parish_requests.models import RestoreRequest
from tests.commands import run_command, run_json
from tests.parish_requests.cast import DAY, make_parish, make_sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended() -> RestoreRequest:
    """A request that ended a hundred days ago."""
    request = withdraw_request(make_sent(make_parish()), actor=MANAGER, now=timezone.now())
    RestoreRequest.objects.update(ended_at=timezone.now() - 100 * DAY)
    return request


def is_erased(request: RestoreRequest) -> bool:
    request.refresh_from_db()
    return request.asked_name == ""


def test_the_rule_needs_no_confirmation(ended: RestoreRequest) -> None:
    assert run_json("request_erase") == (0, {"dry_run": False, "requests": [], "confirm": ""})
    RestoreRequest.objects.update(ended_at=timezone.now() - 800 * DAY)
    assert run_json("request_erase", "--dry-run") == (
        0,
        {"dry_run": True, "requests": [ended.reference], "confirm": ""},
    )
    assert not is_erased(ended)
    assert run_json("request_erase")[1]["requests"] == [ended.reference]
    assert is_erased(ended)


def test_sooner_than_the_rule_is_confirmed(ended: RestoreRequest) -> None:
    code, stdout, _stderr = run_command("request_erase", "--months", "2", "--dry-run")
    assert code == 0 and ended.reference in stdout and "--confirm 2" in stdout
    for confirm in ((), ("--confirm", "3")):
        code, answer = run_json("request_erase", "--months", "2", *confirm)
        assert (code, answer["error"]["code"]) == (1, "confirmation_mismatch") and not is_erased(ended)
    assert run_json("request_erase", "--months", "4", "--confirm", "4")[1]["requests"] == []
    assert run_json("request_erase", "--months", "2", "--confirm", "2")[0] == 0 and is_erased(ended)


def test_one_request_now(ended: RestoreRequest) -> None:
    said = ended.reference.lower()
    assert run_json("request_erase", "--reference", said)[1]["error"]["code"] == "confirmation_mismatch"
    assert run_json("request_erase", "--reference", said, "--confirm", said)[0] == 0
    assert is_erased(ended)
    assert run_json("request_erase", "--reference", "AAAA-AAAA")[1]["error"]["code"] == "not_found"


def test_what_is_open_is_not_erased() -> None:
    request = make_sent(make_parish())
    code, answer = run_json("request_erase", "--reference", request.reference, "--confirm", request.reference)
    assert (code, answer["error"]["code"]) == (1, "request_state_forbids") and not is_erased(request)
