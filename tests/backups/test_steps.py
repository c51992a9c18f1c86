"""The order of a backup: the row first, what runs left or put back as it was, good only when the volume says so."""

import pytest
from django.conf import LazySettings

from backups.models import Backup, BackupReason, BackupState
from domain.specs import ALL_COMPONENTS, Component, JobProgram
from domain.states import InstanceState, OperationKind, OperationState, StepState
from operations.models import Operation
from operations.requests import request_cancel
from operations.runner import run_operation
from programs.sets.told_retention import read_retention
from tests.backups.conftest import Begin, MakeInstance
from tests.engines import FIGURES, FakeEngine
from tests.operations.conftest import Finish, MovedClock

pytestmark = pytest.mark.django_db(transaction=True)

BACKUP = OperationKind.BACKUP


def run_until(operation: Operation, step: str, *, clock: MovedClock) -> None:
    """Run the operation until `step` is under way or done."""
    while operation.steps.get(name=step).state == StepState.PENDING:
        next_run_at = run_operation(operation.public_id, clock=clock)
        assert next_run_at is not None
        clock.now = max(clock.now, next_run_at)


def cancel_at(engine: FakeEngine, operation: Operation, *, call: int) -> None:
    """Ask for a cancel when the engine gets its call number `call` from now on."""
    first = len(engine.list_calls(operation.subject))
    original = engine.before_call

    def cancel(_identifier: str, _name: str) -> None:
        if len(engine.list_calls(operation.subject)) == first + call:
            engine.before_call = original
            request_cancel(operation, requested_by="test")

    engine.before_call = cancel


def list_running(engine: FakeEngine, identifier: str = "saint-paul") -> set[Component]:
    """Return what runs."""
    return set(engine.observe(identifier).components)


def test_a_hot_backup_touches_no_server(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = finish(begin(BACKUP, make_instance(), codec="zstd"))
    assert engine.list_effects("saint-paul") == ["run backup"]
    backup = Backup.objects.get()
    assert (backup.state, backup.codec, backup.reason) == (BackupState.GOOD, "zstd", BackupReason.REQUESTED)
    assert {name: getattr(backup, name) for name in FIGURES} == FIGURES
    assert backup.verified_at is not None and backup.ended_at is not None
    assert operation.result["backup_id"] == backup.backup_id
    (run,) = engine.list_runs("saint-paul", JobProgram.BACKUP)
    told = read_retention(run)
    assert told is not None and told.when == "full"
    assert {name: run[name] for name in run if name != "RETENTION"} == {
        "BACKUP_ID": backup.backup_id,
        "SCOPE": "full",
        "MODE": "hot",
        "CODEC": "zstd",
        "DAMAGED_VIEWS": "refuse",
    }


def test_the_row_is_there_before_the_program_runs(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, clock: MovedClock
) -> None:
    operation = begin(BACKUP, make_instance())
    engine.fail("saint-paul", "run_job backup", times=1)
    run_operation(operation.public_id, clock=clock)
    assert Backup.objects.get().operation == operation
    assert engine.list_effects("saint-paul") == []


def test_a_cold_backup_stops_web_and_cron_and_starts_them_again(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    finish(begin(BACKUP, make_instance(), mode="cold"))
    stopped, taken, started = ["stop cron", "stop httpd"], ["run backup"], ["start cron", "start httpd"]
    assert engine.list_effects("saint-paul") == stopped + taken + started
    assert list_running(engine) == set(ALL_COMPONENTS)


@pytest.mark.parametrize("failure", ["dump_failed", "lost", ""])
def test_a_cold_backup_that_fails_starts_again_what_it_stopped(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, failure: str
) -> None:
    operation = begin(BACKUP, make_instance(), mode="cold")
    engine.fail("saint-paul", "run_job backup", times=99, code=failure)
    finish(operation)
    backup = Backup.objects.get()
    assert (operation.state, backup.state) == (OperationState.FAILED, BackupState.FAILED)
    expected = {"dump_failed": "program_failed", "lost": "job_lost", "": "engine_unavailable"}[failure]
    assert (operation.error_code, backup.error_code) == (expected, expected)
    assert list_running(engine) == set(ALL_COMPONENTS)
    assert operation.instance is not None and operation.instance.state == InstanceState.ACTIVE


@pytest.mark.parametrize("call", range(1, 13))
def test_a_cold_backup_cancelled_at_any_call_starts_again_what_it_stopped(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, call: int
) -> None:
    operation = begin(BACKUP, make_instance(), mode="cold")
    cancel_at(engine, operation, call=call)
    finish(operation)
    assert operation.cancel_requested, "it has more calls than that"
    assert list_running(engine) == set(ALL_COMPONENTS)
    # A program that runs is not interrupted: then the backup is good, and nothing was left to cancel.
    states = {OperationState.SUCCEEDED: {"good"}, OperationState.CANCELLED: {"failed", "good"}}
    assert set(Backup.objects.values_list("state", flat=True)) <= states[OperationState(operation.state)]


def test_a_lost_run_is_started_again_under_a_new_name_and_makes_the_same_set(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = begin(BACKUP, make_instance())
    engine.fail("saint-paul", "run_job backup", times=1, code="lost")
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED
    first, second = engine.list_runs("saint-paul", JobProgram.BACKUP)
    assert first == second
    assert Backup.objects.get().state == BackupState.GOOD


def test_a_server_that_died_during_a_try_is_started_for_the_next(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = begin(BACKUP, make_instance())
    engine.fail("saint-paul", "run_job backup", times=1, code="lost")

    def die(_identifier: str, name: str) -> None:
        if name == "run_job backup":
            engine.before_call = lambda _identifier, _name: None
            engine.set_up("saint-paul", running=ALL_COMPONENTS - {Component.DB})

    engine.before_call = die
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED
    assert engine.list_effects("saint-paul") == ["run backup", "start db", "run backup"]
    assert list_running(engine) == set(ALL_COMPONENTS)


def test_a_program_that_says_ok_without_a_set_is_not_believed(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = begin(BACKUP, make_instance())
    engine.hide_sets("saint-paul")
    finish(operation)
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "backup_missing")
    assert Backup.objects.get().state == BackupState.FAILED


def test_a_program_that_does_not_end_is_killed_and_its_backup_failed(
    engine: FakeEngine,
    make_instance: MakeInstance,
    begin: Begin,
    finish: Finish,
    clock: MovedClock,
    settings: LazySettings,
) -> None:
    operation = begin(BACKUP, make_instance(), mode="cold")
    engine.fail("saint-paul", "run_job backup", times=1, code="hangs")
    run_until(operation, "take", clock=clock)
    clock.move(settings.BACKUP_TIMEOUT_SECONDS + 1)
    finish(operation)
    assert operation.error_code == "deadline_exceeded"
    assert Backup.objects.get().error_code == "deadline_exceeded"
    assert "cancel_job" in engine.list_calls("saint-paul")
    assert list_running(engine) == set(ALL_COMPONENTS)


def test_a_suspended_instance_gets_its_database_for_the_time_of_the_backup(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = finish(begin(BACKUP, make_instance(state=InstanceState.SUSPENDED)))
    assert operation.state == OperationState.SUCCEEDED
    assert engine.list_effects("saint-paul") == ["start db", "run backup", "stop db"]


def test_files_are_backed_up_without_a_database(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    finish(begin(BACKUP, make_instance(state=InstanceState.SUSPENDED), scope="files"))
    assert engine.list_effects("saint-paul") == ["run backup"]


def test_a_deletion_takes_a_final_backup_and_keeps_it(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    finish(begin(OperationKind.DELETE, make_instance()))
    backup = Backup.objects.get()
    assert (backup.reason, backup.state) == (BackupReason.FINAL, BackupState.GOOD)
    assert backup.mode == "cold"
    effects = engine.list_effects("saint-paul")
    assert effects.index("stop httpd") < effects.index("run backup"), "what people enter until the end is in it"
    assert engine.observe("saint-paul").backup_ids == (backup.backup_id,)


def test_without_its_final_backup_an_instance_is_not_deleted(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = begin(OperationKind.DELETE, make_instance())
    engine.fail("saint-paul", "run_job backup", times=1, code="no_space")
    finish(operation)
    assert (operation.error_code, operation.error_params["cause"]) == ("final_backup_failed", "no_space")
    assert "purge" not in engine.list_effects("saint-paul")
    assert list_running(engine) == set(ALL_COMPONENTS)


def test_backups_purged_with_their_instance_are_said_to_be_gone(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    instance = make_instance()
    finish(begin(BACKUP, instance))
    finish(begin(OperationKind.DELETE, instance, purge_backups=True, confirm="saint-paul"))
    assert set(Backup.objects.values_list("state", flat=True)) == {BackupState.DELETED}
    assert all(Backup.objects.values_list("deleted_at", flat=True))
    assert engine.observe("saint-paul").backup_ids == ()


def test_a_cron_run_under_way_ends_before_a_cold_backup(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, clock: MovedClock
) -> None:
    instance = make_instance()
    instance.cron_last_run_at = clock.now
    instance.save()
    finish(begin(BACKUP, instance, mode="cold"))
    calls = engine.list_calls("saint-paul")
    assert calls.index("cancel_job") < calls.index("apply") < calls.index("run_job backup")
