"""Days that nobody saw are estimated, where schedules run by themselves, and said so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.states import InstanceState
from finops.calendar import compute_day, compute_day_bounds, compute_second
from finops.ledger.estimates import estimate_missing_days
from finops.models import Interval
from tests.engines import FakeEngine
from tests.finops.cases import hold
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
TODAY = compute_day(compute_second(NOW))
YESTERDAY = compute_day_bounds(TODAY - timedelta(days=1))


@pytest.fixture(autouse=True)
def schedules(engine: FakeEngine) -> FakeEngine:
    """The engine "fake" runs schedules by itself."""
    engine.runs_schedules = True
    return engine


def list_tallies() -> list[tuple[str, int, int | None, str]]:
    rows = Interval.objects.filter(resource="run").order_by("instance", "start")
    return [(row.instance, row.runs, row.held_seconds, row.source) for row in rows]


def test_whole_days_on_which_the_database_ran_are_estimated_once() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    start, end = YESTERDAY
    hold("saint-paul", start=end - 6000, end=None)
    assert estimate_missing_days(now=NOW) == 1
    assert estimate_missing_days(now=NOW) == 0
    assert list_tallies() == [("saint-paul", 10, 400, "estimate")]
    assert Interval.objects.get(resource="run").start == start


def test_a_day_that_was_seen_is_not_guessed_and_tells_how_long_a_run_is() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    before, start = compute_day_bounds(TODAY - timedelta(days=2))
    hold("saint-paul", start=before, end=start + 600)
    hold("saint-paul", "run", "cron", start=before, end=start, held_seconds=1440, runs=144, source="live")
    assert estimate_missing_days(now=NOW) == 1
    assert list_tallies()[-1] == ("saint-paul", 1, 10, "estimate")


def test_no_cron_no_database_and_no_schedules_are_no_runs(schedules: FakeEngine) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    assert estimate_missing_days(now=NOW) == 0, "its database did not run"
    hold("saint-paul", start=YESTERDAY[0])
    instance.cron_enabled = False
    instance.save()
    assert estimate_missing_days(now=NOW) == 0
    instance.cron_enabled = True
    instance.save()
    schedules.runs_schedules = False
    assert estimate_missing_days(now=NOW) == 0
    schedules.runs_schedules = True
    assert estimate_missing_days(now=NOW) == 1
