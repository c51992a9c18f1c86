"""A row is good only when the program said so, and says why when it is not."""

import re
from datetime import UTC, datetime

import pytest

from backups.models import Backup, BackupReason, BackupState
from backups.records import (
    ensure_row,
    make_backup_id,
    record_deleted,
    record_failure,
    record_good,
    record_refused,
    record_verified,
    settle_rows,
)
from domain.errors import CiviparoisseError, ProgramFailed
from domain.states import OperationKind
from operations.models import Operation
from tenants.models import Activity
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import COUNTED, FIGURES

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
OPTIONS = {"scope": "full", "mode": "cold", "codec": "zstd"}
BACKUP_ID = "20261121T080000Z-5f3a9c"


@pytest.fixture
def operation(make_instance: MakeInstance, begin: Begin) -> Operation:
    """A backup that was asked for."""
    return begin(OperationKind.BACKUP, make_instance())


def make_row(operation: Operation) -> Backup:
    """Return the row of BACKUP_ID."""
    assert operation.instance is not None
    return ensure_row(
        BACKUP_ID, instance=operation.instance, operation=operation, reason=BackupReason.REQUESTED, options=OPTIONS
    )


def test_identifiers_sort_by_time_and_differ() -> None:
    assert re.fullmatch(r"20261121T080000Z-[0-9a-f]{6}", make_backup_id(NOW))
    assert len({make_backup_id(NOW) for _ in range(100)}) > 90


def test_a_row_is_made_once(operation: Operation) -> None:
    first, second = make_row(operation), make_row(operation)
    assert first.pk == second.pk
    assert (first.state, first.mode, first.codec) == (BackupState.RUNNING, "cold", "zstd")


def test_a_good_backup_tells_of_the_last_login(operation: Operation) -> None:
    make_row(operation)
    record_good(BACKUP_ID, result={**FIGURES, "logins": {"last_at": "2026-11-20T09:30:00Z"}}, now=NOW)
    row = Activity.objects.get()
    assert (row.instance, row.logins_looked_at) == (operation.instance, NOW)
    assert row.login_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    record_good(BACKUP_ID, result=FIGURES, now=NOW)
    assert Activity.objects.get().login_at == row.login_at, "the same set, found made by a run that could not look"


def test_a_failed_try_is_running_again(operation: Operation) -> None:
    make_row(operation)
    record_failure(BACKUP_ID, CiviparoisseError("job_lost", instance="saint-paul", program="backup"), now=NOW)
    row = Backup.objects.get()
    assert (row.state, row.error_code, row.ended_at) == (BackupState.FAILED, "job_lost", NOW)
    row = make_row(operation)
    assert (row.state, row.error_code, row.ended_at) == (BackupState.RUNNING, "", None)


def test_a_good_row_has_the_figures_and_stays_good(operation: Operation) -> None:
    make_row(operation)
    record_good(BACKUP_ID, result={**FIGURES, "warnings": ["w"], "manifest_sha256": "0" * 64}, now=NOW)
    record_failure(BACKUP_ID, CiviparoisseError("job_lost", instance="saint-paul", program="backup"), now=NOW)
    row = Backup.objects.get()
    assert (row.state, row.warnings, row.verified_at) == (BackupState.GOOD, ["w"], NOW)
    assert {name: getattr(row, name) for name in FIGURES} == FIGURES


def test_what_people_know_of_a_set_is_on_its_row_and_stays(operation: Operation) -> None:
    make_row(operation)
    record_good(BACKUP_ID, result={**FIGURES, "figures": COUNTED}, now=NOW)
    record_good(BACKUP_ID, result=FIGURES, now=NOW)
    record_verified(BACKUP_ID, result={"figures": {"at": "today", "counts": {"<b>": 1}}}, now=NOW)
    assert Backup.objects.get().figures == COUNTED
    other = {"at": 5, "counts": {"contacts": {"count": 7}}}
    record_verified(BACKUP_ID, result={"figures": other}, now=NOW)
    assert Backup.objects.get().figures == other, "a set of a manager that was lost tells them when it is read back"


def test_only_a_fault_of_the_set_takes_goodness_away(operation: Operation) -> None:
    assert operation.instance is not None
    row = make_backup_row(operation.instance)
    record_refused(row.backup_id, CiviparoisseError("job_lost", instance="saint-paul", program="verify"))
    record_refused(row.backup_id, ProgramFailed(instance="saint-paul", program="verify", code="environment_invalid"))
    row.refresh_from_db()
    assert row.state == BackupState.GOOD
    record_refused(row.backup_id, ProgramFailed(instance="saint-paul", program="verify", code="artifact_damaged"))
    row.refresh_from_db()
    assert (row.state, row.error_params["code"]) == (BackupState.FAILED, "artifact_damaged")
    record_verified(row.backup_id, result={}, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.error_code, row.verified_at) == (BackupState.GOOD, "", NOW)


def test_rows_left_running_are_closed(operation: Operation) -> None:
    make_row(operation)
    assert settle_rows(operation, code="operation_cancelled", params={}, now=NOW) == 1
    assert settle_rows(operation, code="operation_cancelled", params={}, now=NOW) == 0
    assert Backup.objects.get().error_code == "operation_cancelled"


def test_purged_rows_are_kept_as_deleted(operation: Operation) -> None:
    assert operation.instance is not None
    make_backup_row(operation.instance)
    assert record_deleted(operation.instance, now=NOW) == 1
    assert record_deleted(operation.instance, now=NOW) == 0
    row = Backup.objects.get()
    assert (row.state, row.deleted_at) == (BackupState.DELETED, NOW)
    record_good(row.backup_id, result=FIGURES, now=NOW)
    assert Backup.objects.get().state == BackupState.DELETED
