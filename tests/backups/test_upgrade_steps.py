"""The order of an upgrade: a closed site is copied, updated, opened; after a failure release and data come back."""

import pytest

from backups.models import Backup, BackupReason, BackupState
from domain.closed_page import Closing
from domain.specs import ALL_COMPONENTS, Component, JobProgram
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from tenants.models import Instance
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.test_steps import cancel_at, list_running
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_release_row

pytestmark = pytest.mark.django_db(transaction=True)

UPGRADE = OperationKind.UPGRADE


@pytest.fixture(autouse=True)
def next_release() -> None:
    make_release_row("next", civicrm="5.62.0")


def read_row() -> tuple[str, str]:
    """Return state and release of the instance."""
    row = Instance.objects.get()
    return row.state, row.release.name


def ask_upgrade(begin: Begin, instance: Instance, **asked: object) -> Operation:
    return begin(UPGRADE, instance, release="next", **asked)


def test_an_upgrade_closes_copies_stops_updates_starts(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = finish(ask_upgrade(begin, make_instance()))
    assert operation.state == OperationState.SUCCEEDED
    assert engine.list_effects("saint-paul") == [
        *("stop cron", "stop httpd", "run backup", "stop db", "run update", "start db", "start cron", "start httpd")
    ]
    safety = Backup.objects.get(reason=BackupReason.SAFETY)
    assert (safety.state, safety.mode, safety.scope) == (BackupState.GOOD, "cold", "full")
    assert read_row() == ("active", "next")
    assert operation.result["safety_backup_id"] == safety.backup_id
    assert (operation.result["release"], operation.result["release_before"]) == ("next", "test")


def test_a_suspended_instance_is_suspended_again(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    finish(ask_upgrade(begin, make_instance(state=InstanceState.SUSPENDED)))
    assert read_row() == ("suspended", "next")
    assert list_running(engine) == set()
    assert "start cron" not in engine.list_effects("saint-paul")
    assert "start httpd" in engine.list_effects("saint-paul"), "its page was read"


@pytest.mark.parametrize("code", ["update_failed", "lost"])
def test_an_update_that_fails_is_not_repeated_and_release_and_data_come_back(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, code: str
) -> None:
    operation = ask_upgrade(begin, make_instance())
    engine.fail("saint-paul", "run_job update", times=1, code=code)
    finish(operation)
    safety = Backup.objects.get(reason=BackupReason.SAFETY)
    assert engine.count_effects("saint-paul")["run update"] == 1
    assert [run["BACKUP_ID"] for run in engine.list_runs("saint-paul", JobProgram.RESTORE)] == [safety.backup_id]
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "upgrade_rolled_back")
    assert operation.error_params["cause"] == ("job_lost" if code == "lost" else code)
    assert read_row() == ("active", "test")
    assert list_running(engine) == set(ALL_COMPONENTS)


def test_a_page_that_does_not_come_back_brings_release_and_data_back(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = ask_upgrade(begin, make_instance(state=InstanceState.SUSPENDED))
    engine.fail("saint-paul", "probe", times=1, code="refused")
    finish(operation)
    assert operation.error_code == "upgrade_rolled_back"
    assert engine.count_effects("saint-paul")["run restore"] == 1
    assert read_row() == ("suspended", "test")
    assert list_running(engine) == set()


def test_an_engine_that_is_away_for_a_moment_ends_no_upgrade(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = ask_upgrade(begin, make_instance())
    engine.fail("saint-paul", "run_job update", times=2)
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED
    assert engine.count_effects("saint-paul")["run update"] == 1


def test_a_way_back_that_fails_leaves_the_site_closed_and_says_what_to_do(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = ask_upgrade(begin, make_instance())
    engine.fail("saint-paul", "run_job update", times=1, code="update_failed")
    engine.fail("saint-paul", "run_job restore", times=9, code="restore_differs")
    finish(operation)
    assert operation.error_code == "upgrade_rollback_failed"
    assert operation.error_params["cause"] == "update_failed"
    assert operation.error_params["safety_backup_id"] == Backup.objects.get().backup_id
    assert read_row() == ("failed", "test")
    assert list_running(engine) == {Component.DB}
    assert Instance.objects.get().closing == Closing.UNTIL_MENDED, "and visitors are told"


def test_without_a_safety_backup_nothing_is_touched(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = ask_upgrade(begin, make_instance())
    engine.fail("saint-paul", "run_job backup", times=1, code="dump_failed")
    finish(operation)
    assert (operation.error_code, operation.error_params["cause"]) == ("upgrade_safety_backup_failed", "dump_failed")
    assert read_row() == ("active", "test")
    assert list_running(engine) == set(ALL_COMPONENTS)
    assert "run update" not in engine.list_effects("saint-paul")


def test_a_refused_safety_backup_means_no_way_back(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    operation = ask_upgrade(begin, make_instance(), safety_backup=False, confirm="saint-paul")
    engine.fail("saint-paul", "run_job update", times=1, code="update_failed")
    finish(operation)
    assert not Backup.objects.exists()
    assert operation.error_code == "upgrade_without_way_back"
    assert read_row() == ("failed", "test")
    assert list_running(engine) == set()


@pytest.mark.parametrize("call", (4, 8, 12, 14, 16, 20))
def test_an_upgrade_cancelled_at_any_call_leaves_the_parish_whole(
    engine: FakeEngine, make_instance: MakeInstance, begin: Begin, finish: Finish, call: int
) -> None:
    operation = ask_upgrade(begin, make_instance())
    cancel_at(engine, operation, call=call)
    finish(operation)
    assert operation.cancel_requested, "it has more calls than that"
    assert list_running(engine) == set(ALL_COMPONENTS)
    updated = engine.count_effects("saint-paul")["run update"]
    if operation.state == OperationState.CANCELLED:
        assert read_row() == ("active", "test")
        assert engine.count_effects("saint-paul")["run restore"] == updated
    else:
        assert (operation.state, read_row()) == (OperationState.SUCCEEDED, ("active", "next"))
    assert not Backup.objects.filter(state=BackupState.RUNNING).exists()
