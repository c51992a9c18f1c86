"""A copy goes from a real place for good, or stays whole and says until when; what is read never goes."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.states import InstanceState, OperationKind
from offsite.destinations import create_destination
from offsite.fetching import is_away
from offsite.keys import ensure_space
from offsite.models import BackupCopy, CopyState, Destination
from offsite.removal import REMOVABLE, remove_copy, remove_left_parts
from operations.models import Operation
from tests.backups.rows import make_backup_row
from tests.offsite.places import SEALED_BYTES, list_objects, make_copy
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, find_port, make_bucket, make_s3_client, s3_server
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def copy(destination: Destination, away: Path) -> BackupCopy:
    return make_copy(make_backup_row(make_instance_row(state=InstanceState.ACTIVE)), destination, away)


def make_s3_copy(address: str, *, days: int) -> BackupCopy:
    """Return a copy of one object at an S3 destination, locked for some days."""
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": address, "region": "us-east-1"}
    lock = {"lock_mode": "compliance", "lock_days": days}
    row = create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access, **lock}, requested_by="test")
    copy = make_copy(make_backup_row(make_instance_row(state=InstanceState.ACTIVE)), row)
    key = f"{ensure_space(copy.backup.instance.tenant).name}/{copy.name}/object"
    make_s3_client(address).put_object(
        Bucket=BUCKET,
        Key=key,
        Body=b"x",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=timezone.now() + timedelta(days=days),
    )
    return copy


def test_it_goes_with_all_its_objects_and_alone(copy: BackupCopy, away: Path) -> None:
    other = make_copy(make_backup_row(copy.backup.instance), copy.destination, away)
    now = timezone.now()
    removal = remove_copy(copy, now=now)
    assert (removal.freed_bytes, removal.held_until, removal.hidden_objects) == (SEALED_BYTES, None, 0)
    assert (copy.state, copy.removed_at) == (CopyState.GONE, now)
    assert [path.parent.name for path in list_objects(away)] == [other.name]
    assert not is_away(copy.backup)


def test_what_a_lock_holds_stays_whole_and_says_until_when(tmp_path: Path) -> None:
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        copy = make_s3_copy(address, days=3)
        removal = remove_copy(copy, now=timezone.now())
        assert removal.freed_bytes == 0 and removal.held_until is not None
        assert timedelta(days=2) < removal.held_until - timezone.now() < timedelta(days=4)
        assert copy.held_until == removal.held_until and not copy.error_code
        told = make_s3_client(address).list_object_versions(Bucket=BUCKET)
        assert len(told["Versions"]) == 1 and not told.get("DeleteMarkers"), "nothing hides it"


def test_a_set_that_is_read_keeps_its_copy(copy: BackupCopy, away: Path) -> None:
    instance = copy.backup.instance
    Operation.objects.create(
        kind=OperationKind.RESTORE,
        instance=instance,
        subject=instance.identifier,
        parameters={"backup_id": copy.backup.backup_id},
        requested_by="test",
    )
    with pytest.raises(CiviparoisseError) as refused:
        remove_copy(copy, now=timezone.now())
    assert (refused.value.code, refused.value.retryable) == ("copy_in_use", True)
    copy.refresh_from_db()
    assert copy.state == CopyState.CHECKED and list_objects(away)


@pytest.mark.parametrize("state", sorted(set(CopyState) - set(REMOVABLE)))
def test_what_is_being_sent_or_is_gone_is_not_removed(copy: BackupCopy, away: Path, state: CopyState) -> None:
    BackupCopy.objects.update(state=state)
    copy.refresh_from_db()
    with pytest.raises(CiviparoisseError) as refused:
        remove_copy(copy, now=timezone.now())
    assert refused.value.code == "copy_in_use"
    assert BackupCopy.objects.get().state == state and list_objects(away)


def test_somebody_who_works_on_it_is_first(copy: BackupCopy, away: Path) -> None:
    BackupCopy.objects.update(claimed_until=timezone.now() + timedelta(minutes=5))
    with pytest.raises(CiviparoisseError) as refused:
        remove_copy(copy, now=timezone.now())
    assert refused.value.code == "copy_in_use"
    assert list_objects(away)


def test_from_the_first_moment_of_a_removal_it_counts_for_nothing() -> None:
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": f"http://127.0.0.1:{find_port()}"}
    row = create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access}, requested_by="test")
    copy = make_copy(make_backup_row(make_instance_row(state=InstanceState.ACTIVE)), row)
    with pytest.raises(CiviparoisseError) as failed:
        remove_copy(copy, now=timezone.now())
    assert failed.value.code == "copy_failed" and failed.value.retryable
    copy.refresh_from_db()
    assert copy.state == CopyState.REMOVING and copy.error_code == "copy_failed"
    assert not is_away(copy.backup)


def test_what_lay_under_earlier_names_goes(copy: BackupCopy, away: Path) -> None:
    old = away / ensure_space(copy.backup.instance.tenant).name / ("a" * 32)
    old.mkdir()
    (old / "object").write_bytes(b"x")
    BackupCopy.objects.update(left_names=["a" * 32, "b" * 32])
    copy.refresh_from_db()
    assert remove_left_parts(copy, now=timezone.now())
    copy.refresh_from_db()
    assert copy.left_names == [] and copy.state == CopyState.CHECKED
    assert [path.parent.name for path in list_objects(away)] == [copy.name]
