"""What ran by itself is found afterwards, recorded once, and called good only once it was read back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backups.facts import list_freshness
from backups.freshness import Level
from backups.kinds.verify import VERIFY
from backups.models import Backup, BackupReason, BackupState
from backups.scheduled import MOST_CHECKS, PERIOD_SECONDS, PERIODS_PER_DAY, record_scheduled_runs
from domain.fleet import ObservedPod, ScheduledRun
from domain.schedules import compute_slot
from domain.specs import ALL_COMPONENTS, JobPhase, JobProgram
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_operation
from operations.runner import run_operation
from tenants.models import Activity, Instance
from tests.engines import COUNTED, FIGURES, FakeEngine
from tests.operations.conftest import MovedClock
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)

BEGAN = datetime(2026, 11, 26, 2, 49, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=4)
NOON = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
SET = "20261126T024903Z-5f3a9c"
GOOD = {"ok": True, "backup_id": SET, "manifest_sha256": "ab" * 32, "warnings": ["one"], "figures": COUNTED, **FIGURES}


@pytest.fixture
def instance(engine: FakeEngine) -> Instance:
    """An active instance of an engine with schedules of its own."""
    engine.runs_schedules = True
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    return make_instance_row(state=InstanceState.ACTIVE)


def run_backup(engine: FakeEngine, phase: JobPhase, result: dict[str, Any] | None) -> None:
    """Have the engine run a backup by itself."""
    run = ScheduledRun(
        name="civibackup-29401", program=JobProgram.BACKUP, phase=phase, started_at=BEGAN, ended_at=ENDED, result=result
    )
    engine.set_scheduled_runs("saint-paul", run)
    engine.pods = (make_pod("backup", BEGAN, ENDED),)


def make_pod(component: str, began: datetime, ended: datetime | None, *, failed: bool = False) -> ObservedPod:
    return ObservedPod(
        name=f"{component}-{began:%H%M}",
        instance="saint-paul",
        component=component,
        job="by itself",
        started_at=began,
        ended_at=ended,
        failed=failed,
    )


def record(times: int = 1) -> Backup:
    """Look so many times, workers doing what was asked after each; return the only backup there is."""
    for number in range(times):
        record_scheduled_runs(now=NOON + timedelta(seconds=number))
        clock = MovedClock()
        for operation in Operation.objects.filter(kind=VERIFY.code, ended_at=None):
            while run_operation(operation.public_id, clock=clock) is not None:
                clock.move(100)
    return Backup.objects.get()


def test_a_backup_is_recorded_at_once_and_good_once_it_was_read_back(engine: FakeEngine, instance: Instance) -> None:
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    record_scheduled_runs(now=NOON)
    row = Backup.objects.get()
    assert (row.backup_id, row.reason, row.state) == (SET, BackupReason.SCHEDULED, BackupState.RUNNING)
    assert (row.started_at, row.ended_at, row.verified_at) == (BEGAN, ENDED, None)
    assert {name: getattr(row, name) for name in FIGURES} == FIGURES
    row = record(2)
    assert (row.state, row.warnings, row.manifest_sha256) == (BackupState.GOOD, ["one"], "ab" * 32)
    assert row.figures == COUNTED
    assert row.verified_at is not None and row.operation is None
    assert engine.list_effects("saint-paul") == ["run verify"]
    assert record(3) == row
    assert engine.list_effects("saint-paul") == ["run verify"]
    assert list_freshness(now=NOON)[0][1].level is Level.WARNING, "it has a warning, and counts as any other"
    assert instance.identifier == "saint-paul"


def test_a_backup_that_ran_by_itself_tells_of_the_last_login(engine: FakeEngine, instance: Instance) -> None:
    run_backup(engine, JobPhase.SUCCEEDED, {**GOOD, "logins": {"last_at": "2026-11-20T09:30:00Z"}})
    for _ in range(2):
        record()
        seen = Activity.objects.get(instance=instance)
        assert (seen.login_at, seen.logins_looked_at) == (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), ENDED)


@pytest.mark.parametrize(
    ("phase", "result", "code"),
    [
        (JobPhase.FAILED, {"ok": False, "error": {"code": "no_space", "message": "full"}}, "program_failed"),
        (JobPhase.LOST, None, "job_lost"),
        (JobPhase.FAILED, None, "job_lost"),
    ],
)
@pytest.mark.usefixtures("instance")
def test_a_backup_that_failed_is_recorded_with_its_error_once(
    engine: FakeEngine, phase: JobPhase, result: dict[str, Any] | None, code: str
) -> None:
    run_backup(engine, phase, result)
    row = record(3)
    assert (row.state, row.error_code, row.started_at) == (BackupState.FAILED, code, BEGAN)
    assert row.backup_id.startswith("20261126T024900Z-")
    assert "run verify" not in engine.list_effects("saint-paul")
    assert list_freshness(now=NOON)[0][1].level is Level.CRITICAL


@pytest.mark.usefixtures("instance")
def test_a_set_that_cannot_be_read_back_is_not_good(engine: FakeEngine) -> None:
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    engine.fail("saint-paul", "run_job verify", times=1, code="artifact_damaged")
    row = record(3)
    assert (row.state, row.error_code, row.error_params["code"]) == (
        BackupState.FAILED,
        "program_failed",
        "artifact_damaged",
    )


@pytest.mark.usefixtures("instance")
def test_a_check_that_is_lost_is_begun_again_a_few_times(engine: FakeEngine) -> None:
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    engine.fail("saint-paul", "run_job verify", times=1, code="lost")
    assert record(5).state == BackupState.GOOD
    assert engine.count_effects("saint-paul")["run verify"] == 2
    Backup.objects.all().delete()
    engine.delete("saint-paul", keep_backups=True)


@pytest.mark.usefixtures("instance")
def test_a_check_that_is_always_lost_is_given_up(engine: FakeEngine) -> None:
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    engine.fail("saint-paul", "run_job verify", times=99, code="lost")
    row = record(MOST_CHECKS + 3)
    assert (row.state, row.error_code) == (BackupState.FAILED, "job_lost")
    assert Operation.objects.filter(kind=VERIFY.code, state="failed", requested_by="manager").count() == MOST_CHECKS


@pytest.mark.usefixtures("instance")
def test_an_engine_that_is_away_is_asked_again(engine: FakeEngine) -> None:
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    engine.fail("saint-paul", "run_job verify", times=1)
    assert record(3).state == BackupState.GOOD


def test_a_busy_instance_is_checked_later(engine: FakeEngine, instance: Instance) -> None:
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    operation = request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="test")
    record_scheduled_runs(now=NOON)
    record_scheduled_runs(now=NOON)
    assert not Operation.objects.filter(kind=VERIFY.code).exists()
    assert "run verify" not in engine.list_effects("saint-paul")
    operation.lock = None
    operation.save()
    assert record(3).state == BackupState.GOOD


@pytest.mark.usefixtures("instance")
def test_one_that_met_another_backup_is_not_a_failure(engine: FakeEngine) -> None:
    run_backup(engine, JobPhase.FAILED, {"ok": False, "error": {"code": "backup_busy", "message": "locked"}})
    record_scheduled_runs(now=NOON)
    assert not Backup.objects.exists()


@pytest.mark.usefixtures("instance")
def test_one_under_way_is_left_until_it_has_ended(engine: FakeEngine) -> None:
    run_backup(engine, JobPhase.RUNNING, None)
    record_scheduled_runs(now=NOON)
    assert not Backup.objects.exists()


def test_the_last_cron_run_is_noted_without_a_look_at_the_instance(engine: FakeEngine, instance: Instance) -> None:
    first, second, third = (BEGAN + timedelta(minutes=10 * number) for number in range(3))
    minute = timedelta(minutes=1)
    engine.pods = (
        make_pod("cron", second, second + minute, failed=True),
        make_pod("cron", first, first + minute),
        make_pod("cron", third, None),
    )
    quiet = find_quiet_moment()
    assert record_scheduled_runs(now=quiet) == []
    instance.refresh_from_db()
    assert (instance.cron_last_run_at, instance.cron_last_ok) == (second, False)
    engine.pods = (make_pod("cron", third, third + minute),)
    record_scheduled_runs(now=quiet)
    instance.refresh_from_db()
    assert (instance.cron_last_run_at, instance.cron_last_ok) == (third, True)


@pytest.mark.usefixtures("instance")
def test_instances_are_looked_at_when_a_backup_has_ended_and_once_a_day(engine: FakeEngine) -> None:
    quiet = find_quiet_moment()
    assert record_scheduled_runs(now=quiet) == []
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    assert record_scheduled_runs(now=quiet) == ["saint-paul"]
    assert record_scheduled_runs(now=quiet) == [], "it is recorded"
    engine.pods = ()
    moments = [quiet + timedelta(seconds=PERIOD_SECONDS * number) for number in range(PERIODS_PER_DAY)]
    assert sum(bool(record_scheduled_runs(now=moment)) for moment in moments[::24]) <= 1
    place = compute_slot("saint-paul", "look", PERIODS_PER_DAY)
    own = next(moment for moment in moments if int(moment.timestamp()) // PERIOD_SECONDS % PERIODS_PER_DAY == place)
    assert record_scheduled_runs(now=own) == ["saint-paul"]


def find_quiet_moment() -> datetime:
    """Return a moment at which saint-paul has no look of its own."""
    place = compute_slot("saint-paul", "look", PERIODS_PER_DAY)
    period = int(NOON.timestamp()) // PERIOD_SECONDS % PERIODS_PER_DAY
    return NOON if period != place else NOON + timedelta(seconds=PERIOD_SECONDS)


def test_engines_whose_schedules_the_manager_runs_are_not_asked(engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    make_instance_row(state=InstanceState.ACTIVE)
    run_backup(engine, JobPhase.SUCCEEDED, GOOD)
    assert record_scheduled_runs(now=NOON) == []
    assert not Backup.objects.exists()
