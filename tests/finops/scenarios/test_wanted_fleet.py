"""The fleet as it is wanted now, read in a number of queries that does not grow."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.states import InstanceState
from finops.calendar import PARIS, compute_day_bounds, compute_month, compute_second
from finops.models import Interval, IntervalSource, Resource
from finops.scenarios.wanted_fleet import get_prices, load_fleet
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, tzinfo=PARIS)
BEGUN = datetime(2026, 8, 1, tzinfo=PARIS)


def write_tally(instance: str, *, at: datetime, seconds: int) -> None:
    start, end = compute_day_bounds(at.date())
    Interval.objects.create(
        instance=instance, tenant=instance, engine="fake", resource=Resource.RUN.value, component="cron",
        cpu_millicores=350, memory_bytes=1, start=start, end=end, held_seconds=seconds,
        source=IntervalSource.LIVE.value,
    )  # fmt: skip


def test_runs_of_the_last_thirty_days_are_scaled_to_the_month() -> None:
    make_recorded(since=BEGUN)
    for back in range(1, 31):
        write_tally("saint-paul", at=NOW - timedelta(days=back), seconds=6000)
    write_tally("saint-paul", at=NOW - timedelta(days=40), seconds=80_000)
    (parish,) = load_fleet(now=NOW).parishes
    assert compute_month(NOW).hours == 720
    # From the 26th of October to the 25th of November: thirty days, as long as the month.
    assert parish.run_seconds == {"cron": 30 * 6000}


def test_an_instance_of_yesterday_is_not_judged_by_its_first_hours() -> None:
    make_recorded(since=NOW - timedelta(hours=3))
    write_tally("saint-paul", at=NOW - timedelta(hours=2), seconds=600)
    (parish,) = load_fleet(now=NOW).parishes
    assert parish.run_seconds == {}


def test_states_decide_what_runs_and_who_is_there() -> None:
    make_recorded("saint-paul", since=BEGUN)
    make_recorded("sainte-marie", since=BEGUN, state=InstanceState.SUSPENDED)
    make_recorded("saint-jean", since=BEGUN, state=InstanceState.DELETED)
    assert {(one.instance, one.is_running) for one in load_fleet(now=NOW).parishes} == {
        ("saint-paul", True),
        ("sainte-marie", False),
    }


def test_kept_backups_are_those_that_are_still_held() -> None:
    make_recorded(since=BEGUN)
    for name, end in (("kept", None), ("gone", compute_second(NOW) - 60)):
        Interval.objects.create(
            instance="saint-paul", tenant="saint-paul", engine="fake", resource=Resource.BACKUP.value, component=name,
            storage_bytes=1000, start=compute_second(BEGUN), end=end, source=IntervalSource.SPEC.value,
            open_key=None if end else name,
        )  # fmt: skip
    assert load_fleet(now=NOW).parishes[0].backup_bytes == 1000


def test_prices_are_those_of_the_moment() -> None:
    assert get_prices(now=NOW) == {}
    sheet = make_sheet()
    assert get_prices(now=NOW)["fake"].identifier == sheet.pk


def test_as_many_queries_for_many_as_for_few() -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            load_fleet(now=NOW)
        return len(queries)

    make_sheet()
    make_recorded(since=BEGUN)
    few = count()
    for number in range(5):
        make_recorded(f"parish-{number}", since=BEGUN)
    assert count() == few
