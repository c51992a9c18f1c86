"""The crons: spread over ten minutes, one at a time, never while an operation holds the instance."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.specs import JobProgram
from domain.states import InstanceState, OperationKind
from operations.requests import request_operation
from operations.schedule import PERIOD_SECONDS, compute_next_run, make_cron_name, run_due_crons
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.rows import make_instance_row

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_each_instance_has_its_own_second_of_the_period() -> None:
    seconds = {compute_next_run(f"parish-{n}", now=NOON).timestamp() % PERIOD_SECONDS for n in range(300)}
    assert len(seconds) > 200
    assert min(seconds) < 30
    assert max(seconds) > PERIOD_SECONDS - 30


def test_the_next_run_is_within_the_period_and_always_later() -> None:
    moment = NOON
    for _ in range(20):
        following = compute_next_run("saint-paul", now=moment)
        assert timedelta(0) < following - moment <= timedelta(seconds=PERIOD_SECONDS)
        moment = following


def test_names_of_runs_differ_by_the_microsecond() -> None:
    assert make_cron_name(NOON) != make_cron_name(NOON + timedelta(microseconds=1))
    assert make_cron_name(NOON) == make_cron_name(NOON.astimezone())


@pytest.fixture
def active(engine: FakeEngine) -> Instance:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    engine.set_up("saint-paul")
    instance.cron_next_run_at = NOON
    instance.save()
    return instance


def tick(moment: datetime, instance: Instance) -> list[str]:
    started = run_due_crons(now=moment)
    instance.refresh_from_db()
    return started


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_due_cron_is_started_once_and_its_end_noted_at_a_later_tick(active: Instance, engine: FakeEngine) -> None:
    assert tick(NOON, active) == ["saint-paul"]
    assert (active.cron_last_run_at, active.cron_last_ok) == (NOON, None)
    assert active.cron_next_run_at == compute_next_run("saint-paul", now=NOON)
    assert tick(NOON + timedelta(seconds=1), active) == []
    assert active.cron_last_ok is True
    assert engine.count_effects("saint-paul")["run cron"] == 1


def test_a_cron_that_failed_is_noted(active: Instance, engine: FakeEngine) -> None:
    engine.fail("saint-paul", "run_job cron", times=1, code="drush_failed")
    tick(NOON, active)
    tick(NOON + timedelta(seconds=1), active)
    assert active.cron_last_ok is False


def test_a_run_that_was_claimed_by_a_killed_worker_is_started_at_the_next_tick(
    active: Instance, engine: FakeEngine
) -> None:
    later = NOON + timedelta(minutes=10)
    Instance.objects.update(cron_last_run_at=NOON, cron_last_ok=None, cron_next_run_at=later)
    assert tick(NOON + timedelta(seconds=1), active) == []
    assert engine.count_effects("saint-paul")["run cron"] == 1


@pytest.mark.parametrize(
    "change",
    [{"state": "suspended"}, {"cron_enabled": False}, {"cron_next_run_at": NOON + timedelta(seconds=1)}],
    ids=["not active", "switched off", "not due"],
)
def test_no_cron_where_none_is_wanted(active: Instance, engine: FakeEngine, change: dict[str, object]) -> None:
    Instance.objects.update(**change)
    assert tick(NOON, active) == []
    assert engine.list_calls("saint-paul") == []


def test_no_cron_while_an_operation_holds_the_instance(active: Instance, engine: FakeEngine) -> None:
    request_operation(kind=OperationKind.BACKUP, instance=active, requested_by="test")
    active.refresh_from_db()
    assert active.state == InstanceState.ACTIVE
    assert tick(NOON, active) == []
    assert engine.list_calls("saint-paul") == []


def test_an_engine_that_is_away_stops_no_other_instance_s_cron(active: Instance, engine: FakeEngine) -> None:
    other = make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    engine.set_up("saint-jean")
    Instance.objects.update(cron_next_run_at=NOON)
    engine.fail("saint-jean", "run_job cron", times=1)
    engine.fail("saint-paul", "run_job cron", times=1)
    tick(NOON, active)
    engine.fail("saint-paul", "run_job cron", times=1)
    tick(NOON + timedelta(seconds=1), other)
    assert engine.count_effects("saint-jean")["run cron"] == 1
    assert engine.count_effects("saint-paul")["run cron"] == 0


def test_a_new_instance_gets_its_first_run_within_the_period(active: Instance) -> None:
    Instance.objects.update(cron_next_run_at=None)
    assert tick(NOON, active) == []
    assert active.cron_next_run_at == compute_next_run("saint-paul", now=NOON)


def test_an_engine_that_runs_crons_by_itself_is_left_alone(active: Instance, engine: FakeEngine) -> None:
    engine.runs_schedules = True
    assert tick(NOON, active) == []
    assert (active.cron_last_run_at, engine.list_calls("saint-paul")) == (None, [])


def test_a_clock_that_went_back_delays_no_cron_beyond_its_period(active: Instance) -> None:
    Instance.objects.update(cron_next_run_at=NOON + timedelta(hours=2))
    assert tick(NOON, active) == ["saint-paul"]
    assert active.cron_next_run_at == compute_next_run("saint-paul", now=NOON)


def test_each_run_comes_with_a_look_at_room(active: Instance, engine: FakeEngine) -> None:
    tick(NOON, active)
    assert [run["LOOK"] for run in engine.list_runs("saint-paul", JobProgram.INSPECT)] == ["room"]
    tick(NOON + timedelta(seconds=1), active)
    assert len(engine.list_runs("saint-paul", JobProgram.INSPECT)) == 1
