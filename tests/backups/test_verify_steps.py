"""A verification reads whole sets where they lie, beside everything else, and changes nothing but what it found."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from backups import verify_steps
from backups.kinds.verify import VERIFY
from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError, InstanceBusy
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.requests import request_cancel
from operations.runner import run_operation
from tenants.models import Instance
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock

pytestmark = pytest.mark.django_db(transaction=True)


def make_sets(engine: FakeEngine, instance: Instance, *, count: int = 3) -> list[Backup]:
    """Return good sets of an instance, the newest first, last read long ago."""
    rows = [make_backup_row(instance, hours_ago=hours, stored_bytes=1) for hours in range(1, count + 1)]
    engine.set_up(instance.identifier, backup_ids=tuple(row.backup_id for row in rows))
    return rows


def read_states() -> dict[str, tuple[str, bool]]:
    return {row.backup_id: (row.state, row.verified_at is not None) for row in Backup.objects.all()}


@pytest.mark.parametrize("state", [InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED])
def test_all_good_sets_are_read_and_nothing_else_changes(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, state: InstanceState
) -> None:
    instance = make_instance(state=state)
    Instance.objects.update(error_code="init_incomplete")
    rows = make_sets(engine, instance)
    operation = finish(begin(VERIFY.code, instance))
    assert (operation.state, operation.progress) == (OperationState.SUCCEEDED, 100)
    assert operation.result == {"verified_backups": 3, "backup_ids": [row.backup_id for row in rows]}
    assert set(read_states().values()) == {(BackupState.GOOD, True)}
    assert engine.list_effects("saint-paul") == ["run verify"] * 3
    instance.refresh_from_db()
    assert (instance.state, instance.error_code) == (state, "init_incomplete")


def test_a_damaged_set_is_failed_with_its_code_and_the_others_are_read(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    instance = make_instance(state=InstanceState.SUSPENDED)
    rows = make_sets(engine, instance)
    engine.fail("saint-paul", "run_job verify", times=1, code="artifact_damaged")
    operation = finish(begin(VERIFY.code, instance))
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "backups_not_good")
    params = operation.error_params
    assert (params["backup_ids"], params["cause"]) == (rows[0].backup_id, "artifact_damaged")
    assert read_states()[rows[0].backup_id][0] == BackupState.FAILED
    bad = Backup.objects.get(pk=rows[0].pk)
    assert (bad.error_code, bad.error_params["code"]) == ("program_failed", "artifact_damaged")
    assert [read_states()[row.backup_id] for row in rows[1:]] == [(BackupState.GOOD, True)] * 2
    instance.refresh_from_db()
    assert (instance.state, instance.error_code) == (InstanceState.SUSPENDED, "")


def test_a_run_that_says_nothing_of_the_set_changes_nothing(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    instance = make_instance()
    (row,) = make_sets(engine, instance, count=1)
    engine.fail("saint-paul", "run_job verify", times=1, code="lost")
    assert finish(begin(VERIFY.code, instance)).state == OperationState.SUCCEEDED, "a lost run is begun again"
    Backup.objects.update(verified_at=None)
    engine.fail("saint-paul", "run_job verify", times=99, code="no_space")
    operation = finish(begin(VERIFY.code, instance, backup=row.backup_id))
    assert (operation.state, read_states()[row.backup_id]) == (OperationState.FAILED, (BackupState.GOOD, False))


def test_others_go_on_beside_it_and_only_a_second_one_waits(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    instance = make_instance()
    make_sets(engine, instance)
    reading = begin(VERIFY.code, instance)
    with pytest.raises(InstanceBusy):
        begin(VERIFY.code, instance)
    suspended = finish(begin(OperationKind.SUSPEND, instance))
    assert suspended.state == OperationState.SUCCEEDED
    assert finish(reading).state == OperationState.SUCCEEDED
    instance.refresh_from_db()
    assert instance.state == InstanceState.SUSPENDED, "what was meanwhile stays"


def test_what_is_read_is_not_removed_and_what_was_removed_is_passed_over(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    instance = make_instance()
    rows = make_sets(engine, instance)
    reading = begin(VERIFY.code, instance)
    with pytest.raises(CiviparoisseError) as refused:
        begin(OperationKind.PRUNE, instance, backup_ids=[rows[2].backup_id], confirm="saint-paul")
    assert (refused.value.code, refused.value.params["operation"]) == ("backup_in_use", reading.public_id)
    Backup.objects.filter(pk=rows[1].pk).update(state=BackupState.DELETED)
    ended = finish(reading)
    assert (ended.state, ended.result["verified_backups"]) == (OperationState.SUCCEEDED, 2)
    assert rows[1].backup_id not in ended.result["backup_ids"]
    assert read_states()[rows[1].backup_id] == (BackupState.DELETED, False)
    assert engine.list_effects("saint-paul") == ["run verify"] * 2


def test_a_set_that_goes_while_it_is_read_is_passed_over_and_never_called_damaged(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    instance = make_instance()
    rows = make_sets(engine, instance)
    reading = begin(VERIFY.code, instance)
    # Both were asked for at the same moment: neither request saw the other.
    Operation.objects.create(
        kind=OperationKind.PRUNE, instance=instance, parameters={"backup_ids": [rows[0].backup_id]}
    )
    engine.fail("saint-paul", "run_job verify", times=1, code="manifest_missing")
    ended = finish(reading)
    assert (ended.state, ended.result["verified_backups"]) == (OperationState.SUCCEEDED, 2)
    assert read_states()[rows[0].backup_id] == (BackupState.GOOD, False), "who removes it says when it is gone"


def test_a_set_that_was_gone_when_its_run_ended_is_passed_over(
    engine: FakeEngine,
    make_instance: MakeInstance,
    begin: Begin,
    finish: Finish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instance = make_instance()
    rows = make_sets(engine, instance)

    def go(backup_id: str, _error: CiviparoisseError) -> None:
        Backup.objects.filter(backup_id=backup_id).update(state=BackupState.DELETED)

    monkeypatch.setattr(verify_steps, "record_refused", go)
    engine.fail("saint-paul", "run_job verify", times=1, code="manifest_missing")
    ended = finish(begin(VERIFY.code, instance))
    assert (ended.state, ended.result["verified_backups"]) == (OperationState.SUCCEEDED, 2)
    assert rows[0].backup_id not in ended.result["backup_ids"]


def test_a_cancel_ends_the_run_under_way(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, clock: MovedClock
) -> None:
    instance = make_instance()
    make_sets(engine, instance)
    engine.fail("saint-paul", "run_job verify", times=99, code="hangs")
    reading = begin(VERIFY.code, instance)
    assert run_operation(reading.public_id, clock=clock) is not None
    request_cancel(reading, requested_by="test")
    assert finish(reading).state == OperationState.CANCELLED
    assert "cancel_job" in engine.list_calls("saint-paul")
    assert set(read_states().values()) == {(BackupState.GOOD, False)}


def test_one_that_does_not_end_is_killed(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, settings: LazySettings
) -> None:
    settings.VERIFY_TIMEOUT_SECONDS = 1
    instance = make_instance()
    make_sets(engine, instance)
    engine.fail("saint-paul", "run_job verify", times=1, code="hangs")
    operation = finish(begin(VERIFY.code, instance))
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "deadline_exceeded")
    assert "cancel_job" in engine.list_calls("saint-paul")


def test_a_real_set_is_read_where_it_lies_also_of_a_suspended_instance(parishes: Parishes) -> None:
    paul = parishes.get()
    backup_id = parishes.run(OperationKind.BACKUP, paul).result["backup_id"]
    parishes.run(OperationKind.SUSPEND, paul)
    Backup.objects.update(verified_at=None)
    assert parishes.run(VERIFY.code, paul).result["verified_backups"] >= 1
    assert Backup.objects.get(backup_id=backup_id).verified_at is not None
    artifact = max(_list_artifacts(parishes.directory(paul), backup_id), key=lambda path: path.stat().st_size)
    content = bytearray(artifact.read_bytes())
    content[len(content) // 2] ^= 1
    artifact.write_bytes(bytes(content))
    operation = parishes.run(VERIFY.code, paul, expected=OperationState.FAILED, backup=backup_id)
    assert (operation.error_code, operation.error_params["cause"]) == ("backups_not_good", "artifact_damaged")
    assert Backup.objects.get(backup_id=backup_id).state == BackupState.FAILED
    parishes.run(OperationKind.RESUME, paul)
    assert Operation.objects.filter(lock__isnull=False).count() == 0


def _list_artifacts(directory: Path, backup_id: str) -> list[Path]:
    found = [path for path in directory.rglob(f"*{backup_id}*/**/*") if path.is_file() and path.suffix != ".json"]
    assert found, "the set is there"
    return found
