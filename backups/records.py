"""The rows of backups: written before the set is begun, good only once the program and the volume both say so."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backups.holders import find_remover
from backups.logins import record_logins
from backups.models import Backup, BackupReason, BackupState
from domain.errors import CiviparoisseError, ProgramFailed
from operations.models import Operation
from programs.sets.state import is_known
from tenants.models import Instance

# What the verify program says of a set that can no longer be trusted; every other failure says nothing of the set.
FAULTS_OF_THE_SET = frozenset(
    {
        "artifact_damaged",
        "artifact_missing",
        "artifact_unknown",
        "counts_differ",
        "dump_malformed",
        "hostile_archive",
        "index_differs",
        "index_invalid",
        "inventory_differs",
        "manifest_invalid",
        "manifest_missing",
        "other_tenant",
        "signature_invalid",
    }
)
FIGURES = (
    "stored_bytes", "plain_bytes", "rows", "tables", "members", "duration_seconds", "volume_bytes", "free_bytes",
)  # fmt: skip


def make_backup_id(now: datetime) -> str:
    """Return a new identifier that sorts by time, e.g. 20261121T080000Z-5f3a9c."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def ensure_row(
    backup_id: str, *, instance: Instance, operation: Operation, reason: BackupReason, options: Mapping[str, str]
) -> Backup:
    """Return the row of `backup_id`, made in state running. `options`: scope, mode and codec. A row whose earlier try
    failed is running again."""
    row, _created = Backup.objects.get_or_create(
        backup_id=backup_id,
        defaults={"instance": instance, "operation": operation, "reason": reason.value, **options},
    )
    again = Backup.objects.filter(pk=row.pk, state=BackupState.FAILED)
    if again.update(state=BackupState.RUNNING.value, error_code="", error_params={}, ended_at=None):
        row.refresh_from_db()
    return row


def record_good(backup_id: str, *, result: Mapping[str, Any], now: datetime) -> None:
    """Note that the set is good, with the program's figures, and when somebody last logged in."""
    Backup.objects.filter(backup_id=backup_id).exclude(state=BackupState.DELETED).update(
        **{name: result.get(name) for name in FIGURES},
        state=BackupState.GOOD.value,
        **tell_figures(result),
        warnings=list(result.get("warnings") or []),
        manifest_sha256=result.get("manifest_sha256") or "",
        error_code="",
        error_params={},
        ended_at=now,
        # The program has read every stored byte back before it said so.
        verified_at=now,
    )
    for instance in Instance.objects.filter(backups__backup_id=backup_id).only("pk"):
        record_logins(instance, result, now=now)
        record_pruned(instance, result, now=now)


def tell_figures(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the column with the figures that people know, as a program's result tells them; nothing where it tells
    none, or none that is understood: what a row has stays then."""
    figures = result.get("figures")
    return {"figures": figures} if is_known(figures) else {}


def record_failure(backup_id: str, error: CiviparoisseError, *, now: datetime) -> None:
    """Note why there is no good set; a row that is good already, or deleted, stays so."""
    Backup.objects.filter(backup_id=backup_id, state__in=[BackupState.RUNNING, BackupState.FAILED]).update(
        state=BackupState.FAILED.value, error_code=error.code, error_params=error.params, ended_at=now
    )


def record_verified(backup_id: str, *, result: Mapping[str, Any], now: datetime) -> None:
    """Note that the whole set was read back and is good, with the figures that it holds, if it does."""
    Backup.objects.filter(backup_id=backup_id).exclude(state=BackupState.DELETED).update(
        **tell_figures(result), state=BackupState.GOOD.value, error_code="", error_params={}, verified_at=now
    )


def record_returned(backup_id: str) -> None:
    """Note that a set is on its volume again. What it is worth, the check that follows tells."""
    Backup.objects.filter(backup_id=backup_id, state=BackupState.DELETED).update(
        state=BackupState.FAILED.value, deleted_at=None
    )


def record_refused(backup_id: str, error: CiviparoisseError) -> None:
    """Note a set that is not good, or no longer; a failure that says nothing of the set changes nothing, and neither
    does one of a set that an operation is just removing."""
    is_fault = isinstance(error, ProgramFailed) and error.params.get("code") in FAULTS_OF_THE_SET
    if is_fault and find_remover([backup_id]) is None:
        Backup.objects.filter(backup_id=backup_id).exclude(state=BackupState.DELETED).update(
            state=BackupState.FAILED.value, error_code=error.code, error_params=error.params
        )


def settle_rows(operation: Operation, *, code: str, params: Mapping[str, Any], now: datetime) -> int:
    """Close the rows that the operation left running, with the reason it stopped; return how many."""
    return Backup.objects.filter(operation=operation, state=BackupState.RUNNING).update(
        state=BackupState.FAILED.value, error_code=code, error_params=dict(params), ended_at=now
    )


def record_removed(backup_id: str, *, now: datetime) -> None:
    """Note that one set was removed from its volume."""
    Backup.objects.filter(backup_id=backup_id).exclude(state=BackupState.DELETED).update(
        state=BackupState.DELETED.value, deleted_at=now
    )


def record_pruned(instance: Instance, result: Mapping[str, Any], *, now: datetime) -> None:
    """Note the sets that a backup program removed by the policy it was given."""
    for backup_id in result.get("pruned") or ():
        if Backup.objects.filter(instance=instance, backup_id=backup_id).exists():
            record_removed(str(backup_id), now=now)


def record_lost(instance: Instance, *, backup_ids: tuple[str, ...]) -> None:
    """Note that what an instance's data lay on is gone: of its good sets only `backup_ids` are still there."""
    gone = Backup.objects.filter(instance=instance, state=BackupState.GOOD).exclude(backup_id__in=backup_ids)
    for backup in gone:
        params = {"backup_id": backup.backup_id, "instance": instance.identifier}
        Backup.objects.filter(pk=backup.pk, state=BackupState.GOOD).update(
            state=BackupState.FAILED.value, error_code="backup_missing", error_params=params, verified_at=None
        )


def record_deleted(instance: Instance, *, now: datetime) -> int:
    """Note that every set of the instance was purged; return how many were known."""
    return (
        Backup.objects.filter(instance=instance)
        .exclude(state=BackupState.DELETED)
        .update(state=BackupState.DELETED.value, deleted_at=now)
    )
