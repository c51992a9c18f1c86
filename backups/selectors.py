"""Reads backups for the doors: admin, REST, commands."""

from collections.abc import Collection

from django.db.models import QuerySet

from backups.holders import list_holders
from backups.models import Backup, BackupReason, BackupScope, BackupState
from domain.errors import NotFound
from programs.sets.retention import HeldSet
from tenants.models import Instance

# What the rule of retention sees of a row (make_held_set).
HELD_FIELDS = (
    "backup_id", "started_at", "scope", "state", "stored_bytes", "reason", "pinned_at", "pinned_until", "proven_at",
)  # fmt: skip


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


def list_held_sets_of(instances: Collection[Instance]) -> dict[int, list[HeldSet]]:
    """Return the same of many instances by their keys, in one query and without who reads a set now."""
    sets: dict[int, list[HeldSet]] = {row.pk: [] for row in instances}
    for row in select_held_rows(Backup.objects.filter(instance__in=list(sets))).only("instance", *HELD_FIELDS):
        sets[row.instance_id].append(make_held_set(row, held_by=()))
    return sets


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
