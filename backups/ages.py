"""How old the last good whole backup is, for lists: one sub-query, and how bad an age is."""

from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Subquery

from backups.freshness import Level, is_in_future
from backups.models import Backup, BackupReason, BackupScope, BackupState


def make_last_good(outer: str) -> Subquery:
    """Return, for a query of other rows, the start of the last backup an instance could be rebuilt from.

    `outer`: the path from those rows to the instance, e.g. "pk". Same choice as selectors.list_whole_backups.
    """
    rows = Backup.objects.filter(instance=OuterRef(outer), state=BackupState.GOOD, scope=BackupScope.FULL)
    return Subquery(rows.exclude(reason=BackupReason.SAFETY).order_by("-started_at").values("started_at")[:1])


def grade_age(good_at: datetime | None, *, now: datetime) -> Level:
    """Return how bad the age of a last good backup is; UNKNOWN for None, there is no backup, and in the future."""
    if good_at is None:
        return Level.UNKNOWN
    hours = (now - good_at).total_seconds() / 3600
    if is_in_future(hours):
        return Level.UNKNOWN
    if hours > settings.BACKUP_CRITICAL_HOURS:
        return Level.CRITICAL
    return Level.WARNING if hours > settings.BACKUP_WARNING_HOURS else Level.OK
