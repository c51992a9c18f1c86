"""A copy that a destination lost is made again from another one, when its set is on no volume any more."""

import os
import shutil
from pathlib import Path

import pyrage
import pytest
from django.utils import timezone

from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError
from domain.states import InstanceState, OperationKind
from offsite.comparing import compare_copy
from offsite.copies import carry_copies, copy_again
from offsite.destinations import carrying, create_destination
from offsite.keys import PrintedKey
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination
from offsite.transfers import begin_transfer, find_source
from programs.offsite.contents import Contents
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.offsite.conftest import carry_to_end
from tests.offsite.places import list_objects, make_copy
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


@pytest.fixture
def attic(away: Path) -> Destination:
    """A second place, beside the first."""
    path = Path(f"{away}-attic")
    path.mkdir()
    path.chmod(0o777)
    yield create_destination({"name": "attic", "kind": "directory", "path": str(path)}, requested_by="test")
    shutil.rmtree(path)


def test_what_one_place_lost_comes_from_the_other(
    parishes: Parishes, recovery: PrintedKey, destination: Destination, attic: Destination, away: Path
) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    carry_to_end()
    Backup.objects.update(state=BackupState.DELETED)
    lost = BackupCopy.objects.get(destination=attic)
    root = Path(str(attic.settings["path"]))
    part = max(
        (path for path in list_objects(root) if "contents-" not in path.name), key=lambda path: path.stat().st_size
    )
    part.unlink()
    assert compare_copy(lost, now=timezone.now()) is CopyState.MISSING
    old_name = lost.name
    copy_again(lost)
    carry_to_end()
    again = BackupCopy.objects.select_related("backup__instance__tenant", "destination").get(destination=attic)
    source = BackupCopy.objects.get(destination=destination)
    assert (again.contents_name, again.countersignature) == (source.contents_name, source.countersignature)
    assert again.left_names == [old_name] and again.state in PROTECTING and again.run == ""
    # It opens with the paper alone, object by object.
    identity = pyrage.x25519.Identity.from_str(recovery.identity)
    with carrying(attic) as carrier:
        contents = Contents.parse(pyrage.decrypt(carrier.read(again.contents_name, most_bytes=10**6), [identity]))
        for sealed in contents.artifacts:
            data = b"".join(carrier.read(part.name, most_bytes=10**8) for part in sealed.parts)
            assert len(pyrage.decrypt(data, [identity])) == sealed.stored_bytes
    assert not [path for path in list_objects(away) if path.stat().st_size == 0]


def test_a_destination_that_fails_is_asked_again_and_a_source_that_is_lost_ends_it(
    parishes: Parishes, recovery: PrintedKey, destination: Destination, attic: Destination
) -> None:
    assert recovery.recipient
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    carry_to_end()
    Backup.objects.update(state=BackupState.DELETED)
    root = Path(str(attic.settings["path"]))
    shutil.rmtree(root)
    lost = BackupCopy.objects.get(destination=attic)
    assert compare_copy(lost, now=timezone.now()) is CopyState.MISSING
    # A file where the directory should be: nobody can write there, root neither.
    root.write_bytes(b"")
    copy_again(lost)
    carry_copies(now=timezone.now())
    lost.refresh_from_db()
    assert lost.state == CopyState.COPYING and lost.attempts == 1 and lost.next_attempt_at and lost.error_code
    root.unlink()
    root.mkdir()
    os.chmod(root, 0o777)
    BackupCopy.objects.filter(destination=destination).update(state=CopyState.DIFFERENT)
    BackupCopy.objects.update(next_attempt_at=None)
    carry_copies(now=timezone.now())
    lost.refresh_from_db()
    assert (lost.state, lost.run) == (CopyState.MISSING, "")


def test_nothing_is_written_under_a_name_that_something_may_have(destination: Destination, attic: Destination) -> None:
    backup = make_backup_row(make_instance_row(state=InstanceState.ACTIVE), state=BackupState.DELETED)
    source, damaged = make_copy(backup, destination), make_copy(backup, attic, state=CopyState.DIFFERENT)
    assert find_source(damaged) == source and find_source(source) is None
    BackupCopy.objects.filter(pk=damaged.pk).update(name=source.name)
    damaged.refresh_from_db()
    with pytest.raises(CiviparoisseError) as refused:
        begin_transfer(damaged, source)
    assert refused.value.code == "copy_name_taken"
    BackupCopy.objects.filter(pk=damaged.pk).update(state=CopyState.GONE)
    damaged.refresh_from_db()
    begin_transfer(damaged, source)
    damaged.refresh_from_db()
    assert damaged.state == CopyState.COPYING and damaged.left_names == []
