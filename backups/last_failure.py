"""The last backup of an instance where it failed, and nothing good came after: what pages, checks and mails name."""

from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from backups.ages import make_last_good
from backups.models import Backup, BackupReason, BackupState


def select_failures() -> QuerySet[Backup]:
    """Return the backups that failed of themselves. One that a person cancelled did not fail, and a safety copy is told
    by its operation."""
    failed = Backup.objects.filter(state=BackupState.FAILED).exclude(reason=BackupReason.SAFETY)
    return failed.exclude(error_code="operation_cancelled")


def find_last_failures(keys: Collection[int]) -> dict[int, Backup]:
    """Return, by the key of its instance, the last backup that failed of each of these that has no later good one: one
    query, however many there are."""
    rows = select_failures().filter(instance__in=keys).annotate(good_at=make_last_good("instance"))
    later = rows.filter(Q(good_at__isnull=True) | Q(started_at__gt=F("good_at"))).order_by("started_at", "pk")
    return {row.instance_id: row for row in later.only("instance_id", "started_at", "error_code", "error_params")}
