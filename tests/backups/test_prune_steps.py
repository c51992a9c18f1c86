"""Sets are removed one by one, each once, and the rows say so only when the volume does."""

import pytest

from backups.models import Backup, BackupState
from domain.specs import JobProgram
from domain.states import InstanceState, OperationKind, OperationState
from operations.runner import run_operation
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock

pytestmark = pytest.mark.django_db(transaction=True)


def make_sets(engine: FakeEngine, make_instance: MakeInstance, *days: int) -> list[Backup]:
    """Return good backups of Saint-Paul, on its volume too."""
    instance = make_instance(state=InstanceState.SUSPENDED)
    rows = [make_backup_row(instance, hours_ago=24 * one, stored_bytes=1000) for one in days]
    engine.set_up("saint-paul", backup_ids=tuple(row.backup_id for row in rows))
    return rows


def test_old_sets_go_and_the_rest_stays(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    rows = make_sets(engine, make_instance, 700, 600, 500, 3)
    operation = finish(begin(OperationKind.PRUNE, rows[0].instance, older_than_days=400, confirm="saint-paul"))
    assert operation.state == OperationState.SUCCEEDED
    assert operation.result == {"removed_backups": 3, "freed_bytes": 3000}
    assert engine.observe("saint-paul").backup_ids == (rows[3].backup_id,)
    assert [run["BACKUP_ID"] for run in engine.list_runs("saint-paul", JobProgram.DISCARD)] == [
        row.backup_id for row in rows[:3]
    ]
    for row, state in zip(rows, [BackupState.DELETED] * 3 + [BackupState.GOOD], strict=True):
        row.refresh_from_db()
        assert row.state == state and bool(row.deleted_at) == (state == BackupState.DELETED)
    assert engine.observe("saint-paul").components == {}, "what was stopped stays so"


def test_a_run_that_fails_is_tried_again_under_another_name(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    rows = make_sets(engine, make_instance, 700, 600, 3)
    engine.fail("saint-paul", "run_job discard", times=1, code="lost")
    operation = finish(begin(OperationKind.PRUNE, rows[0].instance, older_than_days=400, confirm="saint-paul"))
    assert operation.state == OperationState.SUCCEEDED
    assert len(engine.list_runs("saint-paul", JobProgram.DISCARD)) == 3
    assert engine.observe("saint-paul").backup_ids == (rows[2].backup_id,)


def test_what_fails_for_good_leaves_the_rest_and_says_so(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    rows = make_sets(engine, make_instance, 700, 600, 3)
    engine.fail("saint-paul", "run_job discard", times=1, code="not_a_set")
    operation = finish(begin(OperationKind.PRUNE, rows[0].instance, older_than_days=400, confirm="saint-paul"))
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "program_failed")
    rows[0].instance.refresh_from_db()
    assert rows[0].instance.state == InstanceState.SUSPENDED
    assert len(engine.observe("saint-paul").backup_ids) == 3
    assert set(Backup.objects.values_list("state", flat=True)) == {BackupState.GOOD}


def test_a_set_that_became_the_newest_good_one_meanwhile_stays(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    rows = make_sets(engine, make_instance, 700, 600, 3)
    operation = begin(OperationKind.PRUNE, rows[0].instance, older_than_days=400, confirm="saint-paul")
    Backup.objects.filter(pk=rows[2].pk).update(state=BackupState.FAILED)
    operation = finish(operation)
    assert operation.error_code == "prune_keeps_newest"
    assert set(engine.observe("saint-paul").backup_ids) == {rows[1].backup_id, rows[2].backup_id}


def test_a_set_that_is_still_there_afterwards_is_told(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, clock: MovedClock
) -> None:
    rows = make_sets(engine, make_instance, 700, 3)
    operation = begin(OperationKind.PRUNE, rows[0].instance, older_than_days=400, confirm="saint-paul")
    while operation.steps.get(name="remove").state != "done":
        engine.set_up("saint-paul", backup_ids=tuple(row.backup_id for row in rows))
        engine.before_call = lambda _identifier, name: (
            engine.set_up("saint-paul", backup_ids=tuple(row.backup_id for row in rows)) if name == "observe" else None
        )
        clock.now = run_operation(operation.public_id, clock=clock) or clock.now
    operation.refresh_from_db()
    assert operation.error_code == "prune_incomplete"
