"""The row of an imported set: as old as the set, pinned once, whatever the row said before."""

import dataclasses
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from backups.models import Backup, BackupState, PinEvent
from backups.pins import unpin_backup
from offsite.import_records import record_imported
from programs.verify import check_set
from tests.backups.sets import make_set
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_row_is_made_or_made_good_again(tmp_path: Path) -> None:
    instance = make_instance_row()
    report = check_set(make_set(tmp_path), key=None, expected_tenant=None)
    assert report.figures is None
    figures = {"at": 5, "counts": {"files": {"count": 4}}}
    report = dataclasses.replace(report, figures=figures)
    row = record_imported(report, instance=instance, requested_by="cli:marie", now=timezone.now())
    assert (row.state, row.scope, row.codec, row.members) == (BackupState.GOOD, "files", "gzip", 4)
    assert row.started_at == datetime.fromisoformat(report.manifest.started_at)
    assert row.figures == figures
    assert row.pinned_by == "cli:marie" and row.manifest_sha256 == report.manifest_sha256
    Backup.objects.update(state=BackupState.DELETED, deleted_at=timezone.now(), error_code="backup_missing")
    again = record_imported(report, instance=instance, requested_by="cli:jean", now=timezone.now())
    assert (again.pk, again.state, again.deleted_at, again.error_code) == (row.pk, BackupState.GOOD, None, "")
    assert again.pinned_by == "cli:marie" and PinEvent.objects.count() == 1
    unpin_backup(again, requested_by="cli:marie")
    assert (
        record_imported(report, instance=instance, requested_by="cli:jean", now=timezone.now()).pinned_by == "cli:jean"
    )
