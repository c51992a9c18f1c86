"""Copies as documents."""

import pytest

from offsite.documents import CopySerializer, list_copies
from offsite.models import BackupCopy, Destination
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_copies_are_listed_newest_first_and_narrowed(destination: Destination) -> None:
    paul = make_instance_row()
    old, new = make_backup_row(paul, hours_ago=30), make_backup_row(paul, hours_ago=2)
    for backup in (old, new):
        BackupCopy.objects.create(backup=backup, destination=destination)
    assert [row.backup for row in list_copies(instance="saint-paul")] == [new, old]
    assert not list_copies(destination="other").exists()


def test_a_copy_tells_its_error_in_words(destination: Destination) -> None:
    told = {"backup_id": "b", "destination": "shelf", "code": "destination_full", "message": "m", "hint": ""}
    copy = BackupCopy.objects.create(
        backup=make_backup_row(make_instance_row()),
        destination=destination,
        error_code="copy_failed",
        error_params=told,
    )
    error = CopySerializer(copy).data["error"]
    assert error["code"] == "copy_failed" and error["hint"] and "%" not in error["message"]
