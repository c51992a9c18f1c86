"""copy_list: every copy with its state and what to do about it."""

import pytest

from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.rows import make_backup_row
from tests.commands import run_command, run_json
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_copies_are_listed(destination: Destination) -> None:
    backup = make_backup_row(make_instance_row())
    BackupCopy.objects.create(backup=backup, destination=destination, state=CopyState.MISSING)
    code, document = run_json("copy_list", "--instance", "saint-paul")
    assert code == 0 and [row["state"] for row in document["copies"]] == ["missing"]
    assert backup.backup_id in run_command("copy_list")[1]
    assert run_json("copy_list", "--destination", "other")[1] == {"copies": []}
