"""Reading backups."""

import pytest

from backups.models import BackupReason, BackupState
from backups.selectors import get_backup, list_backups, list_whole_backups
from domain.errors import NotFound
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_backup_is_found_by_its_identifier() -> None:
    row = make_backup_row(make_instance_row())
    assert get_backup(row.backup_id) == row
    with pytest.raises(NotFound):
        get_backup("20261121T080000Z-000000")


def test_filters_narrow_and_the_newest_comes_first() -> None:
    paul, marie = make_instance_row(), make_instance_row("sainte-marie")
    old, new = make_backup_row(paul, hours_ago=2), make_backup_row(paul, state=BackupState.FAILED)
    other = make_backup_row(marie, scope="files")
    assert list(list_backups()) == [other, new, old]
    assert list(list_backups(instance="saint-paul")) == [new, old]
    assert list(list_backups(tenant="sainte-marie")) == [other]
    assert list(list_backups(state="failed")) == [new]
    assert list(list_backups(scope="files", tenant="saint-paul")) == []


def test_a_parish_is_safe_only_with_a_good_whole_backup_of_its_own_data() -> None:
    paul = make_instance_row()
    make_backup_row(paul, state=BackupState.FAILED)
    make_backup_row(paul, scope="files")
    make_backup_row(paul, reason=BackupReason.SAFETY)
    assert not list_whole_backups(paul)
    whole = make_backup_row(paul, hours_ago=3)
    assert list(list_whole_backups(paul)) == [whole]
