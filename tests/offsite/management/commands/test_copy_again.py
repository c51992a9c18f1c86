"""copy_again: a missing copy waits anew, under another name; one under way is left alone."""

import pytest

from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.rows import make_backup_row
from tests.commands import run_json
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_missing_copy_is_made_anew(destination: Destination) -> None:
    backup = make_backup_row(make_instance_row())
    copy = BackupCopy.objects.create(backup=backup, destination=destination, state=CopyState.MISSING)
    assert run_json("copy_again", backup.backup_id, "shelf")[0] == 0
    again = BackupCopy.objects.get()
    assert again.state == CopyState.WAITING and again.name != copy.name
    run_json("copy_again", backup.backup_id, "shelf")
    assert BackupCopy.objects.get().name == again.name
    assert run_json("copy_again", "unknown", "shelf")[0] != 0
