"""A removal of copies looks again before each one, and one place that fails stops no other."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backups.pins import pin_backup
from backups.policies import choose_policy, create_policy
from offsite.destinations import create_destination
from offsite.keys import ensure_space
from offsite.models import BackupCopy, CopyState, Destination
from tenants.models import Instance
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.rows import make_backup_row
from tests.offsite.places import list_objects, make_copy, make_nightly_copies
from tests.operations.conftest import Finish
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, find_port, make_bucket, make_s3_client, s3_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paul(make_instance: MakeInstance) -> Instance:
    instance = make_instance()
    choose_policy(
        instance, create_policy({"name": "one", "label": "x", "keep_last": 1}, requested_by="test"), requested_by="test"
    )
    return instance


def make_s3_row(address: str, **change: object) -> Destination:
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": address, "region": "us-east-1"}
    return create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access, **change}, requested_by="test")


def test_what_came_to_be_needed_meanwhile_stays(
    paul: Instance,
    destination: Destination,
    away: Path,
    begin: Begin,
    finish: Finish,
) -> None:
    copies = make_nightly_copies(paul, destination, away, nights=3)
    operation = begin("prune_copies", paul, confirm="saint-paul")
    pin_backup(copies[2].backup, reason="before the move", requested_by="test", now=timezone.now())
    BackupCopy.objects.filter(pk=copies[0].pk).update(state=CopyState.DIFFERENT)
    ended = finish(operation)
    assert ended.state == "succeeded" and ended.result["removed_copies"] == 0
    assert len(ended.result["kept"]) == 2 and len(list_objects(away)) == 3


def test_one_place_that_does_not_answer_stops_no_other_and_goes_on_later(
    paul: Instance,
    destination: Destination,
    away: Path,
    begin: Begin,
    finish: Finish,
) -> None:
    copies = make_nightly_copies(paul, destination, away, nights=2)
    silent = make_s3_row(f"http://127.0.0.1:{find_port()}")
    others = [make_copy(copy.backup, silent) for copy in copies]
    ended = finish(begin("prune_copies", paul, confirm="saint-paul"))
    assert (ended.state, ended.error_code) == ("failed", "copies_not_removed")
    assert ended.error_params["first"] == f"s3/{copies[1].backup.backup_id}"
    states = {copy.pk: copy.state for copy in BackupCopy.objects.all()}
    assert [states[copy.pk] for copy in copies] == ["checked", "gone"]
    assert [states[copy.pk] for copy in others] == ["checked", "removing"]


def test_what_a_lock_holds_is_said_and_is_no_error(
    paul: Instance,
    begin: Begin,
    finish: Finish,
    tmp_path: Path,
) -> None:
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        row = make_s3_row(address, lock_mode="governance", lock_days=3)
        copies = [make_copy(make_backup_row(paul, hours_ago=hours, stored_bytes=1), row) for hours in (1, 25)]
        for copy in copies:
            make_s3_client(address).put_object(
                Bucket=BUCKET,
                Key=f"{ensure_space(paul.tenant).name}/{copy.name}/object",
                Body=b"x",
                ObjectLockMode="GOVERNANCE",
                ObjectLockRetainUntilDate=timezone.now() + timedelta(days=3),
            )
        ended = finish(begin("prune_copies", paul, confirm="saint-paul"))
        assert ended.state == "succeeded" and ended.result["removed_copies"] == 0
        assert list(ended.result["held_until"]) == [f"s3/{copies[1].backup.backup_id}"]
