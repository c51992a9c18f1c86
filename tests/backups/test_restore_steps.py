"""The order of a restore: nothing is touched before a copy is safe; after a failure the copy is put back."""

import pytest

from backups.models import Backup, BackupReason, BackupState
from domain.closed_page import Closing
from domain.specs import ALL_COMPONENTS, Component, InstanceKind, JobProgram
from domain.states import InstanceState, OperationKind, OperationState, StepState
from operations.models import Operation
from operations.requests import request_cancel
from operations.runner import run_operation
from tenants.models import Instance
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.test_steps import cancel_at, list_running, run_until
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock

pytestmark = pytest.mark.django_db(transaction=True)

BACKUP, RESTORE = OperationKind.BACKUP, OperationKind.RESTORE
BackedUp = tuple[Instance, str]


def list_restored(engine: FakeEngine, identifier: str = "saint-paul") -> list[str]:
    """Return the identifiers of the sets that were put back, in order."""
    return [environment["BACKUP_ID"] for environment in engine.list_runs(identifier, JobProgram.RESTORE)]


def ask_restore(begin: Begin, backed_up: BackedUp, **asked: object) -> Operation:
    """Ask for a restore in place."""
    instance, backup_id = backed_up
    return begin(RESTORE, instance, backup_id=backup_id, confirm=instance.identifier, **asked)


def test_a_restore_checks_stops_copies_restores_starts(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = finish(ask_restore(begin, backed_up))
    assert operation.state == OperationState.SUCCEEDED
    assert engine.list_effects("saint-paul")[1:] == [
        *("run verify", "stop cron", "stop httpd", "run backup", "run restore", "start cron", "start httpd")
    ]
    safety = Backup.objects.get(reason=BackupReason.SAFETY)
    assert (safety.state, safety.mode) == (BackupState.GOOD, "cold"), "what people entered until the end is in it"
    assert operation.result["closed_seconds"] >= 0
    assert operation.result["backup_id"] == backed_up[1]
    assert operation.result["safety_backup_id"] == safety.backup_id
    assert operation.result["data_of"] == Backup.objects.get(backup_id=backed_up[1]).started_at.isoformat()
    assert engine.list_runs("saint-paul", JobProgram.RESTORE) == [
        {"BACKUP_ID": backed_up[1], "SCOPE": "full", "DATABASE": "", "CLONE": "0"}
    ]


def test_a_restore_that_fails_puts_the_safety_backup_back(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = ask_restore(begin, backed_up)
    engine.fail("saint-paul", "run_job restore", times=1, code="restore_differs")
    finish(operation)
    safety = Backup.objects.get(reason=BackupReason.SAFETY)
    assert list_restored(engine) == [backed_up[1], safety.backup_id]
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "restore_rolled_back")
    assert operation.error_params["cause"] == "restore_differs"
    assert operation.error_params["safety_backup_id"] == safety.backup_id
    assert operation.result == {"rolled_back": True}
    assert operation.instance is not None and operation.instance.state == InstanceState.ACTIVE
    assert list_running(engine) == set(ALL_COMPONENTS)


def test_a_restore_that_had_touched_nothing_needs_no_way_back(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = ask_restore(begin, backed_up)
    engine.fail("saint-paul", "run_job restore", times=1, code="no_space", params={"touched": False})
    finish(operation)
    assert list_restored(engine) == [backed_up[1]]
    assert operation.error_code == "restore_rolled_back"
    assert list_running(engine) == set(ALL_COMPONENTS)


def test_a_restore_killed_half_way_then_refused_is_rolled_back(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish, clock: MovedClock
) -> None:
    operation = ask_restore(begin, backed_up)
    engine.fail("saint-paul", "run_job restore", times=1, code="lost")
    run_until(operation, "restore", clock=clock)
    while operation.steps.get(name="restore").attempt == 1:
        engine.fail("saint-paul", "run_job restore", times=1, code="no_space", params={"touched": False})
        clock.now = max(clock.now, run_operation(operation.public_id, clock=clock) or clock.now)
    finish(operation)
    safety = Backup.objects.get(reason=BackupReason.SAFETY)
    assert list_restored(engine)[-1] == safety.backup_id
    assert operation.error_code == "restore_rolled_back"


def test_a_way_back_that_fails_leaves_the_site_closed_and_says_what_to_do(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = ask_restore(begin, backed_up)
    engine.fail("saint-paul", "run_job restore", times=99, code="restore_differs")
    finish(operation)
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "restore_rollback_failed")
    assert operation.instance is not None and operation.instance.state == InstanceState.FAILED
    assert operation.instance.error_code == "restore_rollback_failed"
    assert list_running(engine) == {Component.DB}
    assert (operation.instance.closing, operation.instance.back_at) == (Closing.UNTIL_MENDED, None), (
        "and visitors are told"
    )
    finish(begin(OperationKind.RESUME, operation.instance))
    assert Instance.objects.get().closing == "", "until it is open again"


def test_without_a_safety_backup_nothing_is_touched(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = ask_restore(begin, backed_up)
    engine.fail("saint-paul", "run_job backup", times=1, code="dump_failed")
    finish(operation)
    assert (operation.error_code, operation.error_params["cause"]) == ("safety_backup_failed", "dump_failed")
    assert list_restored(engine) == []
    stopped, started = ("stop cron", "stop httpd"), ("start cron", "start httpd")
    assert engine.list_effects("saint-paul")[1:] == ["run verify", *stopped, "run backup", *started]
    assert Backup.objects.get(reason=BackupReason.SAFETY).state == BackupState.FAILED
    assert operation.instance is not None and operation.instance.state == InstanceState.ACTIVE


def test_a_refused_safety_backup_means_no_way_back(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = ask_restore(begin, backed_up, safety_backup=False)
    engine.fail("saint-paul", "run_job restore", times=1, code="restore_differs")
    finish(operation)
    assert not Backup.objects.filter(reason=BackupReason.SAFETY).exists()
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "restore_without_way_back")
    assert operation.error_params["cause"] == "restore_differs"
    assert operation.instance is not None and operation.instance.state == InstanceState.FAILED
    assert list_running(engine) == {Component.DB}
    assert operation.instance.closing == Closing.UNTIL_MENDED


def told_at(operation: Operation, step: str, *, clock: MovedClock) -> str:
    """Work until a step is next; return what the site's visitors are told by then."""
    run_until(operation, step, clock=clock)
    return Instance.objects.get(pk=operation.instance_id).closing


@pytest.mark.parametrize("fails", ["", "run_job restore", "cancel"])
def test_visitors_are_told_from_the_closing_to_the_end_however_it_ends(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish, clock: MovedClock, fails: str
) -> None:
    operation = ask_restore(begin, backed_up)
    assert told_at(operation, "check_set", clock=clock) == ""
    assert told_at(operation, "restore", clock=clock) == Closing.FOR_NOW
    if fails == "cancel":
        request_cancel(operation, requested_by="test")
    elif fails:
        engine.fail("saint-paul", fails, times=1, code="restore_differs")
    finish(operation)
    instance = Instance.objects.get()
    assert (instance.state, instance.closing, instance.back_at) == (InstanceState.ACTIVE, "", None)


def test_a_damaged_set_is_refused_and_no_longer_called_good(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = ask_restore(begin, backed_up)
    engine.fail("saint-paul", "run_job verify", times=1, code="artifact_damaged")
    finish(operation)
    assert operation.error_code == "program_failed"
    assert Backup.objects.get(backup_id=backed_up[1]).state == BackupState.FAILED
    assert engine.list_effects("saint-paul")[1:] == ["run verify"]


def test_a_set_that_is_not_on_the_volume_is_refused(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    operation = ask_restore(begin, backed_up)
    engine.lose_set("saint-paul", backed_up[1])
    finish(operation)
    assert operation.error_code == "backup_missing"
    assert engine.list_effects("saint-paul")[1:] == []


@pytest.mark.parametrize("call", range(1, 22))
def test_a_restore_cancelled_at_any_call_leaves_the_parish_whole(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish, call: int
) -> None:
    operation = ask_restore(begin, backed_up)
    cancel_at(engine, operation, call=call)
    finish(operation)
    assert operation.cancel_requested, "it has more calls than that"
    assert list_running(engine) == set(ALL_COMPONENTS)
    assert operation.instance is not None and operation.instance.state == InstanceState.ACTIVE
    restored = list_restored(engine)
    if operation.state == OperationState.CANCELLED and restored:
        assert restored == [backed_up[1], Backup.objects.get(reason=BackupReason.SAFETY).backup_id]
    assert not Backup.objects.filter(state=BackupState.RUNNING).exists()


def make_sandbox(engine: FakeEngine, state: InstanceState = InstanceState.ACTIVE) -> Instance:
    """Make a sandbox of saint-paul that runs."""
    instance = Instance.objects.get(identifier="saint-paul")
    instance.pk, instance._state.adding, instance.kind = None, True, InstanceKind.SANDBOX.value
    instance.identifier, instance.host, instance.state = "saint-paul-sandbox", "www.sandbox.example.org", state.value
    instance.save()
    engine.set_up("saint-paul-sandbox", running=ALL_COMPONENTS)
    return instance


def ask_clone(begin: Begin, backed_up: BackedUp, sandbox: Instance) -> Operation:
    """Ask for a copy of saint-paul."""
    asked = {"backup_id": backed_up[1], "source": "saint-paul", "confirm": sandbox.identifier}
    return begin(RESTORE, sandbox, **asked)


def test_a_copy_starts_without_cron_and_mail(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    sandbox = make_sandbox(engine)
    operation = finish(ask_clone(begin, backed_up, sandbox))
    sandbox.refresh_from_db()
    assert (sandbox.mail_enabled, sandbox.cron_enabled, sandbox.state) == (False, False, InstanceState.ACTIVE)
    assert list_running(engine, "saint-paul-sandbox") == {Component.DB, Component.HTTPD}
    assert engine.list_effects("saint-paul") == ["run backup"], "the source is left alone"
    assert engine.list_runs("saint-paul-sandbox", JobProgram.RESTORE)[0]["CLONE"] == "1"
    assert operation.result["clone"] is True


def test_a_copy_that_fails_gives_mail_and_cron_back(
    engine: FakeEngine, backed_up: BackedUp, begin: Begin, finish: Finish
) -> None:
    sandbox = make_sandbox(engine)
    operation = ask_clone(begin, backed_up, sandbox)
    engine.fail("saint-paul-sandbox", "run_job restore", times=1, code="settings_unclear")
    finish(operation)
    sandbox.refresh_from_db()
    assert operation.error_code == "restore_rolled_back"
    assert (sandbox.mail_enabled, sandbox.cron_enabled, sandbox.state) == (True, True, InstanceState.ACTIVE)
    assert engine.list_runs("saint-paul-sandbox", JobProgram.RESTORE)[-1]["CLONE"] == "0"
    assert list_running(engine, "saint-paul-sandbox") == set(ALL_COMPONENTS)


def test_a_suspended_instance_is_suspended_again_after_a_failure(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    instance = make_instance(state=InstanceState.SUSPENDED)
    backup_id = finish(begin(BACKUP, instance)).result["backup_id"]
    operation = begin(RESTORE, instance, backup_id=backup_id, confirm="saint-paul")
    engine.fail("saint-paul", "run_job restore", times=1, code="restore_differs")
    finish(operation)
    instance.refresh_from_db()
    assert instance.state == InstanceState.SUSPENDED
    assert list_running(engine) == set()
    assert operation.steps.get(name="undo_smoke_test").state == StepState.SKIPPED
