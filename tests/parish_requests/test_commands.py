"""What the deciding commands share: an account that decides, a dry run that changes nothing, times as typed."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.states import InstanceState
from parish_requests.commands import parse_begin
from parish_requests.models import ContactMail, RestoreRequest
from tests.commands import run_command, run_json
from tests.parish_requests.cast import make_contact, make_person, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_jeanne() -> RestoreRequest:
    """A request for help that UEPAL has."""
    row = make_instance_row(state=InstanceState.ACTIVE)
    make_contact(row.tenant)
    return make_sent(row, wish="help")


def test_a_dry_run_changes_nothing(request_of_jeanne: RestoreRequest) -> None:
    make_person()
    mails, lines = ContactMail.objects.count(), request_of_jeanne.events.count()
    code, answer = run_json(
        "request_refuse", request_of_jeanne.reference, "--reason", "Non.", "--as", "marc", "--dry-run"
    )
    assert code == 0 and answer["request"]["state"] == "refused" and answer["dry_run"] is True
    request_of_jeanne.refresh_from_db()
    assert request_of_jeanne.state == "submitted"
    assert (ContactMail.objects.count(), request_of_jeanne.events.count()) == (mails, lines)


@pytest.mark.parametrize("words", [["--as", "nobody"], [], ["--as", "lea"]])
def test_nobody_decides_without_an_account_that_may(request_of_jeanne: RestoreRequest, words: list[str]) -> None:
    make_person("lea", "operator")
    code, _out, err = run_command("request_refuse", request_of_jeanne.reference, "--reason", "Non.", *words)
    assert code and err
    request_of_jeanne.refresh_from_db()
    assert request_of_jeanne.state == "submitted"


def test_a_reference_may_be_typed_carelessly(request_of_jeanne: RestoreRequest) -> None:
    make_person()
    typed = request_of_jeanne.reference.lower().replace("-", " ")
    code, out, _err = run_command("request_refuse", typed, "--reason", "Non.", "--as", "marc")
    assert code == 0 and request_of_jeanne.reference in out
    assert run_command("request_refuse", "ZZZZ-ZZZZ", "--reason", "Non.", "--as", "marc")[0] == 1


def test_a_time_is_local_where_no_zone_is_given() -> None:
    assert parse_begin("2026-11-30T22:00").astimezone(UTC) == datetime(2026, 11, 30, 21, tzinfo=UTC)
    assert parse_begin("2026-11-30T22:00Z") == datetime(2026, 11, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "tonight", "2026-13-45T99:00", "22:00"])
def test_what_is_no_time_is_refused(text: Any) -> None:
    with pytest.raises(ArgumentTypeError):
        parse_begin(text)
