"""Rows of backups for tests that need no engine."""

from datetime import datetime, timedelta

from django.utils import timezone

from backups.models import Backup, BackupState
from backups.records import make_backup_id
from tenants.models import Instance


def make_backup_row(
    instance: Instance, *, hours_ago: float = 1, state: BackupState = BackupState.GOOD, **values: object
) -> Backup:
    """Return a backup of `instance`, begun that long ago."""
    began: datetime = timezone.now() - timedelta(hours=hours_ago)
    row = Backup.objects.create(backup_id=make_backup_id(began), instance=instance, state=state, **values)
    Backup.objects.filter(pk=row.pk).update(started_at=began)
    row.refresh_from_db()
    return row
