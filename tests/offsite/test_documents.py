"""Copies as documents, and since when an instance is protected."""

from datetime import timedelta

import pytest
from django.utils import timezone

from offsite.documents import copy_as_dict, get_last_protected, list_copies
from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_an_instance_is_protected_since_its_newest_set_with_a_checked_copy(destination: Destination) -> None:
    paul = make_instance_row()
    assert get_last_protected(paul) is None
    old, new = make_backup_row(paul, hours_ago=30), make_backup_row(paul, hours_ago=2)
    BackupCopy.objects.create(backup=old, destination=destination, state=CopyState.CHECKED)
    BackupCopy.objects.create(backup=new, destination=destination, state=CopyState.THERE)
    protected = get_last_protected(paul)
    assert protected is not None and timezone.now() - protected > timedelta(hours=29)
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
    error = copy_as_dict(copy)["error"]
    assert error["code"] == "copy_failed" and error["hint"] and "%" not in error["message"]
