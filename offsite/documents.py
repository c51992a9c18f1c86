"""Destinations and copies as documents for the doors: JSON values, never a secret."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from domain.errors import render_error
from offsite.models import PROTECTING, BackupCopy, Destination
from offsite.providers import SETTINGS
from tenants.models import Instance


def destination_as_dict(row: Destination) -> dict[str, Any]:
    """Return a destination; of a secret only whether there is one (`…_set`)."""
    shown: dict[str, Any] = {}
    for name, setting in SETTINGS[row.kind].items():
        value = row.settings.get(name)
        shown |= {f"{name}_set": bool(value)} if setting.is_secret else {name: value}
    return {
        "name": row.name,
        "kind": row.kind,
        "enabled": row.enabled,
        "lock_mode": row.lock_mode,
        "lock_days": row.lock_days,
        "bandwidth_kib": row.bandwidth_kib,
        "at_most": row.at_most,
        "settings": shown,
        "level": row.level or None,
        "checked_at": _format_time(row.checked_at),
        "created_at": _format_time(row.created_at),
    }


def copy_as_dict(copy: BackupCopy) -> dict[str, Any]:
    """Return a copy as every door shows it."""
    error = None
    if copy.error_code:
        message, hint = render_error(copy.error_code, copy.error_params)
        error = {"code": copy.error_code, "message": message, "hint": hint}
    return {
        "backup": copy.backup.backup_id,
        "instance": copy.backup.instance.identifier,
        "destination": copy.destination.name,
        "state": copy.state,
        "objects": copy.object_count,
        "sealed_bytes": copy.sealed_bytes,
        "attempts": copy.attempts,
        "next_attempt_at": _format_time(copy.next_attempt_at),
        "copied_at": _format_time(copy.copied_at),
        "checked_at": _format_time(copy.checked_at),
        "opened_at": _format_time(copy.opened_at),
        "held_until": _format_time(copy.held_until),
        "removed_at": _format_time(copy.removed_at),
        "hidden_objects": copy.hidden_objects,
        "error": error,
    }


def list_copies(*, instance: str | None = None, destination: str | None = None) -> QuerySet[BackupCopy]:
    """Return copies, those of the newest sets first, narrowed by what is given."""
    rows = BackupCopy.objects.select_related("backup__instance", "destination").order_by("-backup__started_at", "pk")
    asked = {"backup__instance__identifier": instance, "destination__name": destination}
    return rows.filter(**{name: value for name, value in asked.items() if value})


def get_last_protected(instance: Instance) -> datetime | None:
    """Return when the newest set began of which a checked copy is elsewhere; None without one."""
    rows = BackupCopy.objects.filter(backup__instance=instance, state__in=PROTECTING)
    newest = rows.order_by("-backup__started_at").values_list("backup__started_at", flat=True).first()
    return newest


def _format_time(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value is not None else None
