"""Copies that lie in a real directory, for tests that need no instance that runs."""

from pathlib import Path

from django.utils import timezone

from backups.models import Backup
from offsite.keys import ensure_space
from offsite.models import BackupCopy, CopyState, Destination
from tenants.models import Instance
from tests.backups.rows import make_backup_row

SEALED_BYTES = 1000


def make_copy(
    backup: Backup, destination: Destination, away: Path | None = None, *, state: CopyState = CopyState.CHECKED
) -> BackupCopy:
    """Return the row of a copy; with `away`, an object of it lies there."""
    copy = BackupCopy.objects.create(
        backup=backup, destination=destination, state=state, sealed_bytes=SEALED_BYTES, checked_at=timezone.now()
    )
    if away is not None:
        folder = away / ensure_space(backup.instance.tenant).name / copy.name
        folder.mkdir(parents=True)
        (folder / "object").write_bytes(b"x" * SEALED_BYTES)
    return copy


def make_nightly_copies(instance: Instance, destination: Destination, away: Path, *, nights: int) -> list[BackupCopy]:
    """Return a copy of each of the last nights' sets, the newest first."""
    rows = [make_backup_row(instance, hours_ago=24 * night + 1, stored_bytes=10) for night in range(nights)]
    return [make_copy(backup, destination, away) for backup in rows]


def list_objects(away: Path) -> list[Path]:
    """Return every file there."""
    return sorted(path for path in away.rglob("*") if path.is_file())
