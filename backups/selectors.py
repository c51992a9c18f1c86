"""Reads backups for the doors: admin, REST, commands."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from backups.holders import list_holders
from backups.models import Backup, BackupReason, BackupScope, BackupState
from domain.errors import NotFound
from operations.selectors import make_error
from programs.sets.retention import HeldSet
from tenants.models import Instance


def get_backup(backup_id: str) -> Backup:
    """Return the backup of that identifier. Raise NotFound."""
    backup = Backup.objects.select_related("instance__tenant", "operation").filter(backup_id=backup_id).first()
    if backup is None:
        raise NotFound(what="backup", name=backup_id)
    return backup


def list_backups(
    *,
    tenant: str | None = None,
    instance: str | None = None,
    state: str | None = None,
    scope: str | None = None,
    reason: str | None = None,
) -> QuerySet[Backup]:
    """Return backups, newest first, narrowed by what is given. `tenant`: a slug; `instance`: an identifier."""
    rows = Backup.objects.select_related("instance__tenant", "operation").order_by("-pk")
    rows = rows.prefetch_related("proofs__operation")
    asked = {"instance__tenant__slug": tenant, "instance__identifier": instance}
    asked |= {"state": state, "scope": scope, "reason": reason}
    return rows.filter(**{name: value for name, value in asked.items() if value})


def list_whole_backups(instance: Instance) -> QuerySet[Backup]:
    """Return the good backups an instance could be rebuilt from, newest first: everything in them, and not taken of
    data that was about to be thrown away."""
    rows = Backup.objects.filter(instance=instance, state=BackupState.GOOD, scope=BackupScope.FULL)
    return rows.exclude(reason=BackupReason.SAFETY).order_by("-started_at")


def list_held_sets(instance: Instance) -> list[HeldSet]:
    """Return the instance's sets that are on its volume as far as we know, the oldest first: good ones, and those that
    were good once."""
    rows = list(select_held_rows(Backup.objects.filter(instance=instance)))
    holders = list_holders({row.backup_id for row in rows})
    return [make_held_set(row, held_by=holders.get(row.backup_id, ())) for row in rows]


def select_held_rows(rows: QuerySet[Backup]) -> QuerySet[Backup]:
    """Return those of `rows` whose sets are on their volumes as far as we know, the oldest first."""
    known = rows.filter(state__in=[BackupState.GOOD, BackupState.FAILED])
    return known.exclude(stored_bytes=None).order_by("started_at", "pk")


def make_held_set(row: Backup, *, held_by: tuple[str, ...]) -> HeldSet:
    """Return a row as the rule of retention sees it."""
    return HeldSet(
        backup_id=row.backup_id,
        started_at=row.started_at,
        scope=row.scope,
        good=row.state == BackupState.GOOD,
        stored_bytes=row.stored_bytes or 0,
        reason=row.reason,
        pinned=row.pinned_at is not None,
        pinned_until=row.pinned_until,
        proven_at=row.proven_at,
        held_by=held_by,
    )


def backup_as_dict(backup: Backup) -> dict[str, Any]:
    """Return the backup as every door shows it: JSON values, sizes in bytes, times in ISO 8601 with their zone."""
    return {
        "id": backup.backup_id,
        "tenant": backup.instance.tenant.slug,
        "instance": backup.instance.identifier,
        "operation": backup.operation.public_id if backup.operation else None,
        "scope": backup.scope,
        "mode": backup.mode,
        "codec": backup.codec,
        "reason": backup.reason,
        "state": backup.state,
        "stored_bytes": backup.stored_bytes,
        "plain_bytes": backup.plain_bytes,
        "rows": backup.rows,
        "tables": backup.tables,
        "files": backup.members,
        "warnings": backup.warnings,
        "manifest_sha256": backup.manifest_sha256 or None,
        "duration_seconds": backup.duration_seconds,
        "error": make_error(backup.error_code, backup.error_params),
        "started_at": _format_time(backup.started_at),
        "ended_at": _format_time(backup.ended_at),
        "verified_at": _format_time(backup.verified_at),
        "proven_at": _format_time(backup.proven_at),
        "proof": proof_as_dict(backup),
        "pinned_at": _format_time(backup.pinned_at),
        "pinned_until": _format_time(backup.pinned_until),
        "pinned_by": backup.pinned_by,
        "pin_reason": backup.pin_reason,
        "volume_bytes": backup.volume_bytes,
        "free_bytes": backup.free_bytes,
        "deleted_at": _format_time(backup.deleted_at),
    }


def proof_as_dict(backup: Backup) -> dict[str, Any] | None:
    """Return the backup's last proof as every door shows it; None without one."""
    reports = list(backup.proofs.all())
    if not reports:
        return None
    last = max(reports, key=lambda report: report.pk)
    return {
        "outcome": last.outcome,
        "source": last.source,
        "operation": last.operation.public_id if last.operation else None,
        "ended_at": _format_time(last.ended_at),
        "figures": last.figures,
        "problems": [make_error(problem["code"], problem["params"]) for problem in last.problems],
    }


def _format_time(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
