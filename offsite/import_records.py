"""The row of a set that was imported: good, as old as the set is, and pinned, since its policy may want it gone."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backups.models import Backup, BackupReason, BackupState
from backups.pins import pin_backup
from programs.verify import SetReport
from tenants.models import Instance

log = logging.getLogger("offsite")


def record_imported(report: SetReport, *, instance: Instance, requested_by: str, now: datetime) -> Backup:
    """Return the row of a set that lies among the instance's and was just read back whole. May be repeated.
    Raise CiviparoisseError `backup_leaving` where it is being removed."""
    manifest = report.manifest
    began, ended = (datetime.fromisoformat(text) for text in (manifest.started_at, manifest.ended_at))
    facts = {
        "scope": manifest.scope,
        "mode": manifest.mode,
        "codec": manifest.codec,
        "stored_bytes": report.stored_bytes,
        "plain_bytes": report.plain_bytes,
        "rows": report.rows,
        "tables": report.tables,
        "members": report.members,
        "duration_seconds": max(0.0, (ended - began).total_seconds()),
        "warnings": report.warnings,
        "manifest_sha256": report.manifest_sha256,
        "figures": report.figures or {},
    }
    good: dict[str, object] = {
        "state": BackupState.GOOD.value,
        "error_code": "",
        "error_params": {},
        "deleted_at": None,
    }
    times = {"started_at": began, "ended_at": ended, "verified_at": now}
    with transaction.atomic():
        row, _created = Backup.objects.get_or_create(
            backup_id=manifest.backup_id,
            defaults={"instance": instance, "reason": BackupReason.REQUESTED.value, "state": BackupState.FAILED.value},
        )
        Backup.objects.filter(pk=row.pk).update(**facts, **good, **times)
        row.refresh_from_db()
        if row.pinned_at is None:
            row = pin_backup(
                row, reason=_("imported (unpin it to let its policy decide)"), requested_by=requested_by, now=now
            )
    log.info("backup %s of %s imported by %s", row.backup_id, instance.identifier, requested_by)
    return row
