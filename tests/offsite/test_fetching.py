"""Which copies a set can be fetched from; the way back itself is in test_copies."""

import pytest
from django.utils import timezone

from offsite.fetching import is_away, list_sources
from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", CopyState.values)
def test_only_a_checked_copy_is_a_source(destination: Destination, state: str) -> None:
    backup = make_backup_row(make_instance_row())
    copy = BackupCopy.objects.create(backup=backup, destination=destination, state=state, checked_at=timezone.now())
    assert is_away(backup) is (state in (CopyState.CHECKED, CopyState.HELD))
    Destination.objects.update(enabled=False)
    assert list_sources(backup) == [] and copy.pk
