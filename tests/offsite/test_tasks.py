"""The clock's doors call what they name."""

import pytest

from offsite.models import BackupCopy, Destination
from offsite.tasks import run_checks, run_compare, run_copies
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_the_clock_asks_for_copies_and_checks(destination: Destination) -> None:
    from django.utils import timezone

    make_backup_row(make_instance_row(), verified_at=timezone.now())
    run_copies()
    assert BackupCopy.objects.get().error_code == "recovery_key_missing" or BackupCopy.objects.get().attempts
    run_compare()
    run_checks()
    destination.refresh_from_db()
    assert destination.checked_at is not None
