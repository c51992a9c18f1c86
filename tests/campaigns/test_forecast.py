"""When it would end, by the scheduler's own rules and measured times."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.forecast import EVERYWHERE, Turn, find_seconds, forecast_end, measure_seconds
from campaigns.windows import read_calendar
from operations.models import Operation
from tests.rows import make_instance_row

NOW = datetime(2026, 11, 30, 11, tzinfo=UTC)
ALWAYS = read_calendar(windows=[], blackout={}, time_zone="Europe/Paris")
NIGHTS = read_calendar(windows=[{"from": "22:00", "to": "05:00"}], blackout={}, time_zone="Europe/Paris")
HOUR = timedelta(hours=1)


def forecast(*turns: Turn, limit: int = 2, calendar: object = ALWAYS, seconds: float = 3600.0) -> datetime | None:
    measured = {EVERYWHERE: seconds}
    return forecast_end(turns, measured=measured, limit_per_cluster=limit, calendar=calendar, now=NOW)  # type: ignore[arg-type]


def test_as_many_at_once_as_may_be_per_cluster() -> None:
    four = [Turn(0, "a")] * 4
    assert forecast(*four) == NOW + 2 * HOUR and forecast(*four, limit=4) == NOW + HOUR
    assert forecast(*four, *[Turn(0, "b")] * 2) == NOW + 2 * HOUR


def test_a_wave_waits_for_the_one_before() -> None:
    assert forecast(Turn(0, "a"), Turn(1, "b"), Turn(1, "b")) == NOW + 2 * HOUR


def test_outside_its_window_nothing_begins() -> None:
    opens = datetime(2026, 11, 30, 21, tzinfo=UTC)
    assert forecast(Turn(0, "a"), calendar=NIGHTS) == opens + HOUR
    # Seven begin until four o'clock, the eighth in the next night.
    assert forecast(*[Turn(0, "a")] * 8, limit=1, calendar=NIGHTS) == opens + 25 * HOUR


def test_what_was_never_measured_or_never_opens_has_no_end() -> None:
    assert forecast_end([Turn(0, "a")], measured={}, limit_per_cluster=1, calendar=ALWAYS, now=NOW) is None
    sundays = [{"from": "01:00", "to": "02:00", "days": ["sun"]}]
    never = read_calendar(windows=sundays, blackout={"weekdays": ["sun"]}, time_zone="Europe/Paris")
    assert forecast(Turn(0, "a"), calendar=never) is None


def test_what_is_at_work_is_waited_for() -> None:
    ends = forecast_end(
        [Turn(0, "a")],
        measured={"a": 3600.0},
        limit_per_cluster=1,
        calendar=ALWAYS,
        now=NOW,
        at_work=["a"],
    )
    assert ends == NOW + 2 * HOUR


@pytest.mark.django_db
def test_it_is_measured_by_cluster_by_what_ended_well() -> None:
    one, other = make_instance_row("p-1"), make_instance_row("p-2", engine="other")
    for instance, seconds, state in ((one, 60, "succeeded"), (one, 80, "succeeded"), (other, 600, "succeeded")):
        times = {"started_at": NOW, "ended_at": NOW + timedelta(seconds=seconds)}
        Operation.objects.create(kind="backup", instance=instance, state=state, **times)
    Operation.objects.create(
        kind="backup", instance=one, state="failed", started_at=NOW, ended_at=NOW + timedelta(hours=9)
    )
    measured = measure_seconds("backup")
    assert measured == {EVERYWHERE: 80.0, "fake": 70.0, "other": 600.0}
    assert find_seconds(measured, "third") == 80.0 and measure_seconds("upgrade") == {}
    assert find_seconds({}, "fake") is None
