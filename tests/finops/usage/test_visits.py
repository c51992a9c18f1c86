"""Each active instance is looked at in its hour, and its row never goes backwards."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.schedules import compute_slot
from domain.specs import ALL_COMPONENTS, ObservedVisits
from domain.states import InstanceState, OperationKind
from finops.usage.idleness import VISITS_TRUSTED
from finops.usage.visits import OVERLAP, note_visits, record_visits
from operations.requests import request_operation
from tenants.models import Activity, Instance
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=12)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
COUNTED = ObservedVisits(is_counted=True)
UNCOUNTED = ObservedVisits(is_counted=False)


def list_hours() -> Iterator[datetime]:
    """The clock's hours of one day."""
    return (MIDNIGHT + number * HOUR for number in range(24))


def find_hour(identifier: str) -> datetime:
    return MIDNIGHT + compute_slot(identifier, "visits", 24) * HOUR


def test_every_active_instance_is_looked_at_once_a_day(engine: FakeEngine) -> None:
    for slug in ("saint-paul", "sainte-marie", "saint-jean"):
        make_instance_row(slug, state=InstanceState.ACTIVE)
    looked = [(hour, name) for hour in list_hours() for name in record_visits(now=hour)]
    assert sorted(name for _hour, name in looked) == ["saint-jean", "saint-paul", "sainte-marie"]
    assert all(hour == find_hour(name) for hour, name in looked)
    assert len(engine.looks) == 3 and Activity.objects.count() == 3


def test_the_first_look_goes_back_to_the_beginning_and_the_next_to_the_last(engine: FakeEngine) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    engine.visits["saint-paul"] = ObservedVisits(is_counted=True, visited_at=MIDNIGHT - HOUR)
    hour = find_hour("saint-paul")
    record_visits(now=hour)
    record_visits(now=hour + DAY)
    assert engine.looks == [("saint-paul", instance.created_at), ("saint-paul", hour - OVERLAP)]
    row = Activity.objects.get()
    assert (row.visited_at, row.visits_counted_since, row.visits_looked_at) == (MIDNIGHT - HOUR, hour, hour + DAY)


@pytest.mark.parametrize("state", [state for state in InstanceState if state is not InstanceState.ACTIVE])
def test_what_does_not_run_is_not_looked_at(engine: FakeEngine, state: InstanceState) -> None:
    make_instance_row(state=state)
    assert record_visits(now=find_hour("saint-paul")) == [] and engine.looks == []


def test_a_busy_one_is_not_looked_at(engine: FakeEngine) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="jeanne")
    assert record_visits(now=find_hour("saint-paul")) == [] and engine.looks == []


def test_one_that_does_not_answer_keeps_what_was_known_and_stops_no_other(
    engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    hour = find_hour("saint-paul")
    names = (f"parish-{number}" for number in range(1000))
    neighbour = next(name for name in names if find_hour(name) == hour)
    rows = {name: make_instance_row(name, state=InstanceState.ACTIVE) for name in (neighbour, "saint-paul")}
    note_visits([(rows[neighbour], COUNTED)], now=hour - DAY)
    engine.set_up(neighbour, running=ALL_COMPONENTS)
    engine.fail(neighbour, "observe_visits", times=1)
    assert record_visits(now=hour) == ["saint-paul"]
    assert f"visits of {neighbour}: engine_unavailable" in caplog.text
    row = Activity.objects.get(instance=rows[neighbour])
    assert (row.visits_counted_since, row.visits_looked_at) == (hour - DAY, hour - DAY)


def note(instance: Instance, seen: ObservedVisits, now: datetime) -> Activity:
    note_visits([(instance, seen)], now=now)
    return Activity.objects.get()


def test_a_series_begins_again_where_it_was_broken() -> None:
    instance = make_instance_row()
    assert note(instance, COUNTED, NOW).visits_counted_since == NOW
    assert note(instance, COUNTED, NOW + DAY).visits_counted_since == NOW
    assert note(instance, UNCOUNTED, NOW + 2 * DAY).visits_counted_since is None
    assert note(instance, COUNTED, NOW + 3 * DAY).visits_counted_since == NOW + 3 * DAY
    later = NOW + 3 * DAY + VISITS_TRUSTED
    assert note(instance, COUNTED, later).visits_counted_since == NOW + 3 * DAY
    much_later = later + VISITS_TRUSTED + HOUR
    assert note(instance, COUNTED, much_later).visits_counted_since == much_later


def test_nothing_goes_backwards() -> None:
    instance = make_instance_row()
    first = note(instance, ObservedVisits(is_counted=True, visited_at=NOW - HOUR), NOW)
    for seen, now in (
        (UNCOUNTED, NOW),
        (UNCOUNTED, NOW - DAY),
        (ObservedVisits(is_counted=True, visited_at=NOW - 2 * HOUR), NOW + DAY),
        (COUNTED, NOW + 2 * DAY),
    ):
        row = note(instance, seen, now)
        assert (row.visited_at, row.visits_counted_since) == (first.visited_at, NOW)
    assert row.visits_looked_at == NOW + 2 * DAY
