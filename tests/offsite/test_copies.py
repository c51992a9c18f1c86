"""A real set of a real instance goes away, is checked, lost, brought back, restored; and what must not be believed."""

import shutil
from pathlib import Path

import pyrage
import pytest
from django.utils import timezone

from backups.holders import list_holders
from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError
from domain.states import InstanceState, OperationKind, OperationState
from offsite.comparing import compare_copy
from offsite.copies import LONGEST_PAUSE, carry_copies, copy_again, ensure_rows, find_held, list_due, note_failure
from offsite.destinations import carrying, create_destination
from offsite.fetching import is_away
from offsite.keys import PrintedKey
from offsite.models import BackupCopy, CopyState, Destination
from offsite.removal import remove_copy
from programs.offsite.contents import Contents
from tenants.models import Instance
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.offsite.conftest import carry_to_end
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, make_bucket, make_s3_client, s3_server
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def take_backup(parishes: Parishes) -> tuple[Instance, Backup]:
    paul = parishes.get()
    return paul, Backup.objects.get(backup_id=parishes.run(OperationKind.BACKUP, paul).result["backup_id"])


def lose_set(parishes: Parishes, backup: Backup) -> None:
    shutil.rmtree(parishes.directory(backup.instance) / "backups" / backup.backup_id)


def test_a_set_that_left_its_volume_comes_back_from_away_and_is_restored(
    parishes: Parishes, recovery: PrintedKey, destination: Destination, away: Path
) -> None:
    paul, backup = take_backup(parishes)
    before = parishes.read(paul)
    (copy,) = carry_to_end()
    assert copy.countersignature and copy.checked_at and not copy.error_code and copy.object_count
    # Opened with the printed key alone, without this manager.
    with carrying(destination) as carrier:
        sealed = carrier.read(copy.contents_name, most_bytes=10**6)
    identity = pyrage.x25519.Identity.from_str(recovery.identity)
    assert Contents.parse(pyrage.decrypt(sealed, [identity])).backup_id == backup.backup_id
    assert b"saint-paul" not in b"".join(path.read_bytes() for path in away.rglob("*") if path.is_file())
    lose_set(parishes, backup)
    Backup.objects.filter(pk=backup.pk).update(state=BackupState.DELETED, deleted_at=timezone.now())
    parishes.execute(paul, "DELETE FROM civicrm.civicrm_email")
    parishes.run(OperationKind.RESTORE, paul, backup_id=backup.backup_id, confirm=paul.identifier, safety_backup=False)
    assert parishes.read(paul) == before
    backup.refresh_from_db()
    assert backup.state == BackupState.GOOD and backup.deleted_at is None
    jobs = parishes.directory(paul) / "jobs"
    assert list(jobs.glob("copy-*")) and not [path for path in jobs.glob("*/secrets")]


@pytest.mark.usefixtures("recovery", "destination")
def test_an_altered_copy_is_found_and_never_restored(parishes: Parishes, away: Path) -> None:
    paul, backup = take_backup(parishes)
    (copy,) = carry_to_end()
    part = max((path for path in away.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(part.read_bytes())
    content[-20] ^= 1
    part.write_bytes(content)
    lose_set(parishes, backup)
    failed = parishes.run(
        OperationKind.RESTORE,
        paul,
        expected=OperationState.FAILED,
        backup_id=backup.backup_id,
        confirm=paul.identifier,
        safety_backup=False,
    )
    assert failed.error_params["code"] == "copy_differs", failed.error_params
    assert compare_copy(copy, now=timezone.now()) is CopyState.DIFFERENT
    assert copy.error_code == "copy_failed"
    part.unlink()
    assert compare_copy(copy, now=timezone.now()) is CopyState.MISSING
    # None of it counts any more, and nothing is asked of it.
    refused = parishes.run(
        OperationKind.RESTORE,
        paul,
        expected=OperationState.FAILED,
        backup_id=backup.backup_id,
        confirm=paul.identifier,
        safety_backup=False,
    )
    assert refused.error_code == "backup_missing"


@pytest.mark.usefixtures("recovery", "destination")
def test_a_copy_that_nobody_countersigned_is_not_believed(
    parishes: Parishes,
) -> None:
    paul, backup = take_backup(parishes)
    (copy,) = carry_to_end()
    lose_set(parishes, backup)
    BackupCopy.objects.filter(pk=copy.pk).update(countersignature=copy.countersignature[::-1])
    failed = parishes.run(
        OperationKind.RESTORE,
        paul,
        expected=OperationState.FAILED,
        backup_id=backup.backup_id,
        confirm=paul.identifier,
        safety_backup=False,
    )
    assert failed.error_code == "copy_untrusted"


@pytest.mark.usefixtures("recovery", "destination")
def test_a_damaged_copy_is_made_anew_from_its_volume(parishes: Parishes, away: Path) -> None:
    take_backup(parishes)
    (copy,) = carry_to_end()
    old = set(away.rglob("*"))
    next(path for path in away.rglob("contents-*")).unlink()
    assert compare_copy(copy, now=timezone.now()) is CopyState.MISSING
    copy_again(copy)
    (again,) = carry_to_end()
    assert again.contents_name != copy.contents_name
    assert len([path for path in set(away.rglob("*")) - old if path.is_file()]) == again.object_count


@pytest.mark.usefixtures("recovery", "destination")
def test_a_destination_that_fails_is_tried_again_by_itself(parishes: Parishes, away: Path) -> None:
    take_backup(parishes)
    away.chmod(0o755)
    (failed,) = carry_to_end_of_first_try()
    assert failed.error_params["code"] in ("destination_refused", "destination_unreachable")
    assert failed.next_attempt_at and failed.next_attempt_at > timezone.now()
    away.chmod(0o777)
    BackupCopy.objects.update(next_attempt_at=timezone.now())
    (copy,) = carry_to_end(failures=1)
    assert copy.error_code == ""


def carry_to_end_of_first_try() -> list[BackupCopy]:
    carry_copies(now=timezone.now())
    BackupCopy.objects.filter(attempts=0).exists()
    copies: list[BackupCopy] = []
    while not copies:
        carry_copies(now=timezone.now())
        copies = list(BackupCopy.objects.filter(attempts=1, state=CopyState.WAITING))
    return copies


@pytest.mark.usefixtures("destination")
def test_without_a_proven_recovery_key_nothing_leaves(parishes: Parishes, away: Path) -> None:
    take_backup(parishes)
    carry_copies(now=timezone.now())
    copy = BackupCopy.objects.get()
    assert (copy.state, copy.error_code) == (CopyState.WAITING, "recovery_key_missing")
    assert not any(away.iterdir())


@pytest.mark.usefixtures("destination")
def test_only_good_sets_that_protect_something_are_copied() -> None:
    paul = make_instance_row("saint-paul")
    good = make_backup_row(paul, verified_at=timezone.now())
    make_backup_row(paul, state=BackupState.FAILED, verified_at=timezone.now())
    make_backup_row(paul, reason="safety", verified_at=timezone.now())
    make_backup_row(paul)
    ensure_rows()
    ensure_rows()
    assert [copy.backup for copy in BackupCopy.objects.all()] == [good]
    Destination.objects.update(enabled=False)
    make_backup_row(paul, verified_at=timezone.now())
    ensure_rows()
    assert BackupCopy.objects.count() == 1


def test_what_can_never_be_copied_is_not_looked_at_every_minute(destination: Destination) -> None:
    gone, kept = make_instance_row("saint-luc"), make_instance_row("saint-marc", state=InstanceState.ACTIVE)
    backups = [
        make_backup_row(gone, stored_bytes=1),
        make_backup_row(kept, stored_bytes=1, state=BackupState.DELETED),
        make_backup_row(kept, hours_ago=2, stored_bytes=1),
    ]
    Instance.objects.filter(pk=gone.pk).update(state=InstanceState.DELETED.value)
    for backup in backups:
        BackupCopy.objects.create(backup=backup, destination=destination)
    assert [copy.backup for copy in list_due(now=timezone.now())] == backups[2:]


def test_pauses_grow_and_have_an_end(destination: Destination) -> None:
    copy = BackupCopy.objects.create(
        backup=make_backup_row(make_instance_row("saint-paul")), destination=destination, state=CopyState.COPYING
    )
    now, pauses = timezone.now(), []
    for _ in range(15):
        note_failure(copy, CiviparoisseError("job_lost", instance="x", program="copy"), now=now)
        copy.refresh_from_db()
        assert copy.state == CopyState.WAITING and copy.next_attempt_at is not None
        pauses.append(copy.next_attempt_at - now)
    assert pauses == sorted(pauses) and pauses[0] < pauses[3] and pauses[-1] == LONGEST_PAUSE


@pytest.mark.usefixtures("recovery")
def test_no_more_than_the_destination_wants_are_sent_at_once(destination: Destination) -> None:
    Destination.objects.update(at_most=1)
    paul = make_instance_row("saint-paul")
    first = BackupCopy.objects.create(
        backup=make_backup_row(paul, verified_at=timezone.now()),
        destination=destination,
        state=CopyState.COPYING,
        next_attempt_at=timezone.now() + LONGEST_PAUSE,
    )
    make_backup_row(paul, verified_at=timezone.now())
    carry_copies(now=timezone.now())
    assert not BackupCopy.objects.exclude(pk=first.pk).exclude(state=CopyState.WAITING, run="").exists()


@pytest.mark.usefixtures("recovery")
def test_s3_with_object_lock_takes_a_copy(parishes: Parishes, tmp_path: Path) -> None:
    take_backup(parishes)
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": address, "region": "us-east-1"}
        lock = {"lock_mode": "compliance", "lock_days": 2}
        create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access, **lock}, requested_by="test")
        (copy,) = carry_to_end()
        client = make_s3_client(address)
        for version in client.list_object_versions(Bucket=BUCKET)["Versions"]:
            told = client.head_object(Bucket=BUCKET, Key=version["Key"])
            assert told["ObjectLockMode"] == "COMPLIANCE"
            with pytest.raises(client.exceptions.ClientError):
                client.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
        assert copy.state == CopyState.CHECKED
        removal = remove_copy(copy, now=timezone.now())
        assert removal.held_until is not None and copy.state == CopyState.HELD
        assert is_away(copy.backup) and compare_copy(copy, now=timezone.now()) is CopyState.HELD


def test_a_set_that_is_being_copied_is_not_removed(destination: Destination) -> None:
    backup = make_backup_row(make_instance_row("saint-paul"))
    copy = BackupCopy.objects.create(backup=backup, destination=destination, state=CopyState.COPYING)
    assert find_held([backup.backup_id, "other"]) == {backup.backup_id: "copy to shelf"}
    assert backup.backup_id in list_holders([backup.backup_id])
    BackupCopy.objects.filter(pk=copy.pk).update(state=CopyState.CHECKED)
    assert list_holders([backup.backup_id]) == {}
