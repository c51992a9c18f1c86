"""The report: counts, waves, failures with what to do, times; and a CSV without formulas."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from campaigns.reporting import describe_campaign, make_cell, write_csv
from campaigns.selectors import list_members
from domain.campaigns import MemberState
from domain.states import InstanceState
from operations.models import Operation
from tenants.models import Tenant
from tests.campaigns.cast import HOUR, NOON, make_fleet, make_started

pytestmark = pytest.mark.django_db


@pytest.fixture
def half_done() -> Campaign:
    """The first wave is over with a failure, the second at work; one is left out."""
    make_fleet(4)
    make_fleet(1, prefix="new", state=InstanceState.NEW)
    campaign = make_started(now=NOON, waves=[{"size": 2}, {"size": None}])
    ended = {"began_at": NOON, "ended_at": NOON + timedelta(minutes=5)}
    campaign.members.filter(position=0).update(state="done", closed_seconds=90, **ended)
    error = {"error_code": "engine_unavailable", "error_params": {"instance": "p-001", "detail": "no answer in time"}}
    campaign.members.filter(position=1).update(state="failed", closed_seconds=30, **error, **ended)
    operation = Operation.objects.create(kind="backup", subject="p-002", state="running", progress=40)
    campaign.members.filter(position=2).update(state="running", operation=operation, began_at=NOON)
    campaign.members.filter(position=3).update(waits_for="engine_unavailable")
    return campaign


def test_how_it_stands(half_done: Campaign) -> None:
    report = describe_campaign(half_done, now=NOON + HOUR)
    counts = {state.value: count for state, count in report.counts.items() if count}
    assert counts == {"waiting": 1, "running": 1, "done": 1, "failed": 1, "left_out": 1}
    assert [[cell.identifier for cell in wave.cells] for wave in report.waves] == [
        ["p-000", "p-001"],
        ["p-002", "p-003"],
    ]
    assert [wave.number for wave in report.waves] == [1, 2] and report.percent == 50
    assert report.waves[0].counts[MemberState.FAILED] == 1
    (failure,) = report.failures
    assert failure.identifier == "p-001" and failure.message and failure.hint
    assert [cell.identifier for cell in report.left_out] == ["new-000"] and report.left_out[0].message
    assert (report.seconds_median, report.seconds_total) == (300.0, 3600.0)
    assert (report.closed_seconds, report.closed_seconds_most) == (120, 90)
    assert report.is_open and report.next_opening is None and report.ends_at is None
    running, waiting = report.waves[1].cells
    assert (running.progress, running.seconds) == (40, None) and waiting.message and not waiting.hint


def test_outside_its_window_it_says_when_it_goes_on(half_done: Campaign) -> None:
    Campaign.objects.filter(pk=half_done.pk).update(windows=[{"from": "22:00", "to": "05:00"}])
    half_done.refresh_from_db()
    report = describe_campaign(half_done, now=NOON)
    assert not report.is_open and report.next_opening == NOON + 10 * HOUR


def test_a_row_that_is_gone_is_still_shown(half_done: Campaign) -> None:
    half_done.members.filter(position=2).update(instance=None, operation=None)
    cell = make_cell(list_members(half_done).get(position=2))
    assert (cell.identifier, cell.parish, cell.operation, cell.tenant_id) == ("p-002", "", "", None)


def test_a_report_asks_as_much_for_ten_as_for_three_hundred() -> None:
    def count(number: int) -> int:
        make_fleet(number, prefix=f"q{number}")
        slugs = [f"q{number}-{each:03d}" for each in range(number)]
        campaign = make_started(selection={"slugs": slugs}, windows=[{"from": "22:00", "to": "05:00"}])
        with CaptureQueriesContext(connection) as seen:
            describe_campaign(campaign, now=NOON)
            write_csv(campaign)
        return len(seen)

    assert count(10) == count(300) <= 4


def test_no_cell_of_the_csv_is_a_formula(half_done: Campaign) -> None:
    Tenant.objects.filter(slug="p-000").update(name='=HYPERLINK("https://evil.example.org";"x")')
    text = write_csv(half_done)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert text.startswith("\ufeff") and len(rows) == 6 and len({len(row) for row in rows}) == 1
    assert [row[0] for row in rows[1:]] == ["p-000", "p-001", "p-002", "p-003", "new-000"]
    assert rows[1][1] == '\'=HYPERLINK("https://evil.example.org";"x")'
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    assert rows[1][8:10] == ["300", "90"] and rows[5][2] == ""
