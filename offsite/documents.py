"""Destinations and copies as documents for the doors: JSON values, never a secret."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils.translation import ngettext

from backups.models import BackupState
from domain.errors import render_error
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination
from offsite.providers import SETTINGS
from tenants.encryption import UnreadableSecret

MOST_NAMED = 5


def read_settings(row: Destination) -> dict[str, Any]:
    """Return the settings of a destination; none where no key of ours reads them, so that its row can be shown."""
    return {} if isinstance(row.settings, UnreadableSecret) else dict(row.settings)


def destination_as_dict(row: Destination) -> dict[str, Any]:
    """Return a destination; of a secret only whether there is one (`…_set`)."""
    shown: dict[str, Any] = {}
    settings = read_settings(row)
    for name, setting in SETTINGS[row.kind].items():
        value = settings.get(name)
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


def _format_time(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value is not None else None


def find_usage(row: Destination) -> dict[str, int]:
    """Return how many copies are there, come, and are damaged, and the bytes of those that are there."""
    states = {
        told["state"]: told for told in row.copies.values("state").annotate(count=Count("pk"), size=Sum("sealed_bytes"))
    }

    def count(*names: str) -> int:
        return sum(states[name]["count"] for name in names if name in states)

    return {
        "there": count(*PROTECTING),
        "coming": count(CopyState.WAITING, CopyState.COPYING, CopyState.THERE),
        "damaged": count(CopyState.MISSING, CopyState.DIFFERENT),
        "sealed_bytes": sum(states[name]["size"] or 0 for name in PROTECTING if name in states),
    }


def describe_retirement(row: Destination) -> list[str]:
    """Return in sentences what nobody could bring back once the destination is out of use; nothing where every set
    there is on its volume or at another destination too."""
    elsewhere = BackupCopy.objects.filter(backup=OuterRef("backup"), state__in=PROTECTING, destination__enabled=True)
    rows = row.copies.filter(~Exists(elsewhere.exclude(destination=row)), state__in=PROTECTING)
    alone = rows.exclude(backup__state=BackupState.GOOD)
    count, of = alone.count(), sorted(set(alone.values_list("backup__instance__identifier", flat=True)))
    sentences = []
    if count:
        text = ngettext(
            "%(count)s set is nowhere else and could not be restored: of %(names)s.",
            "%(count)s sets are nowhere else and could not be restored: of %(names)s.",
            count,
        )
        sentences.append(
            text % {"count": count, "names": ", ".join(of[:MOST_NAMED]) + ("…" if of[MOST_NAMED:] else "")}
        )
    only = rows.filter(backup__state=BackupState.GOOD).values("backup__instance").distinct().count()
    if only:
        text = ngettext(
            "The sets of %(count)s instance would then be on its own volume alone.",
            "The sets of %(count)s instances would then be on their own volumes alone.",
            only,
        )
        sentences.append(text % {"count": only})
    return sentences
