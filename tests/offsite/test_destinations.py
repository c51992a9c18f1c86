"""Destinations: strict at the door, secrets never out, and rclone told what it needs."""

import subprocess
from pathlib import Path

import pytest
from django.db import connection, transaction

from backups.models import Backup
from domain.errors import CiviparoisseError, InvalidValue, NotFound
from offsite.destinations import (
    carrying,
    create_destination,
    delete_destination,
    find_rclone,
    get_destination,
    make_place,
    update_destination,
    validate_destination,
)
from offsite.documents import RecordedDestinationSerializer
from offsite.models import BackupCopy
from programs.offsite.carrier import PlaceAway
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
SECRET = "the secret of a bucket"
S3 = {
    "name": "strasbourg",
    "kind": "s3",
    "bucket": "copies",
    "folder": "civi",
    "access_key_id": "reader",
    "secret_access_key": SECRET,
}
SFTP = {
    "name": "nas",
    "kind": "sftp",
    "host": "nas.example.org",
    "port": "2222",
    "host_key": "ssh-ed25519 " + "A" * 60,
    "user": "copies",
    "password": SECRET,
}


def test_a_destination_is_recorded_and_no_secret_comes_out() -> None:
    row = create_destination(S3, requested_by="test")
    assert get_destination("strasbourg") == row
    document = RecordedDestinationSerializer(row).data
    assert SECRET not in str(document) and document["settings"]["secret_access_key_set"] is True
    with connection.cursor() as cursor:
        cursor.execute("SELECT settings FROM offsite_destination")
        assert SECRET not in cursor.fetchone()[0]
    with pytest.raises(CiviparoisseError) as taken, transaction.atomic():
        create_destination(S3, requested_by="test")
    assert taken.value.code == "destination_exists"
    with pytest.raises(NotFound):
        get_destination("other")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": "Upper"}, {"name"}),
        ({"kind": "floppy"}, {"kind"}),
        ({"bucket": "UPPER"}, {"bucket"}),
        ({"bucket": None, "secret_access_key": ""}, {"bucket", "secret_access_key"}),
        ({"folder": "../up"}, {"folder"}),
        ({"folder": "/up"}, {"folder"}),
        ({"endpoint": "ftp://x"}, {"endpoint"}),
        ({"endpoint": "https://user:pw@host"}, {"endpoint"}),
        ({"endpoint": "https://[x"}, {"endpoint"}),
        ({"unknown": "x"}, {"unknown"}),
        ({"at_most": 0}, {"at_most"}),
        ({"at_most": True}, {"at_most"}),
        ({"bandwidth_kib": "many"}, {"bandwidth_kib"}),
        ({"lock_mode": "compliance"}, {"lock_days"}),
        ({"lock_days": 3}, {"lock_days"}),
        ({"lock_mode": "x"}, {"lock_mode"}),
        ({"enabled": "perhaps"}, {"enabled"}),
        ({"write_access_key_id": "writer"}, {"write_access_key_id"}),
        ({"secret_access_key": 3}, {"secret_access_key"}),
    ],
)
def test_every_fault_is_named_and_no_secret_with_it(change: dict[str, object], fields: set[str]) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        validate_destination({**S3, **change})
    assert refused.value.code == "invalid_destination"
    assert {fault["field"] for fault in refused.value.params["fields"]} == fields
    assert SECRET not in str(refused.value)


def test_a_lock_is_refused_where_there_is_none() -> None:
    with pytest.raises(CiviparoisseError) as refused:
        validate_destination({**SFTP, "lock_mode": "governance", "lock_days": 3})
    assert refused.value.params["fields"][0]["field"] == "lock_mode"


def test_sftp_wants_a_password_or_a_key_and_the_host_key() -> None:
    for change in ({"password": ""}, {"private_key": "-----BEGIN"}, {"host_key": ""}, {"port": 0}):
        with pytest.raises(CiviparoisseError):
            validate_destination({**SFTP, **change})


def test_rclone_is_told_how_sftp_is_reached() -> None:
    place = make_place(create_destination({**SFTP, "bandwidth_kib": 500}, requested_by="test"))
    assert (place.kind, place.root, place.bandwidth_kib) == ("sftp", "", 500)
    assert place.known_hosts.startswith("[nas.example.org]:2222 ssh-ed25519 ")
    assert place.options["pass"] != SECRET and place.options["port"] == "2222"
    told = subprocess.run([find_rclone(), "reveal", place.options["pass"]], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == SECRET


def test_a_pod_gets_the_account_that_only_writes() -> None:
    writer = {"write_access_key_id": "writer", "write_secret_access_key": "another secret"}
    row = create_destination({**S3, **writer, "lock_mode": "governance", "lock_days": "30"}, requested_by="test")
    own, pods = make_place(row), make_place(row, writes_only=True)
    assert (own.root, own.options["access_key_id"], pods.options["access_key_id"]) == (
        "copies/civi",
        "reader",
        "writer",
    )
    assert SECRET not in pods.format() and "another secret" in pods.format()
    assert pods.options["object_lock_mode"] == "GOVERNANCE"
    assert pods.options["object_lock_retain_until_date"] == "30d"
    assert PlaceAway.parse(pods.format()) == pods


def test_what_is_not_named_keeps_its_value_and_a_proof_is_for_what_was_proven() -> None:
    row = create_destination(S3, requested_by="test")
    row.level = "ok"
    row.save()
    row = update_destination(row, {"enabled": "no", "folder": "other"}, requested_by="test")
    assert (row.enabled, row.settings["folder"], row.settings["secret_access_key"]) == (False, "other", SECRET)
    assert row.level == ""
    for change in ({"name": "new"}, {"kind": "sftp"}):
        with pytest.raises(InvalidValue):
            update_destination(row, change, requested_by="test")


def test_a_destination_with_copies_is_not_forgotten() -> None:
    row = create_destination(S3, requested_by="test")
    copy = BackupCopy.objects.create(backup=make_backup_row(make_instance_row()), destination=row)
    with pytest.raises(CiviparoisseError) as refused:
        delete_destination(row, requested_by="test")
    assert refused.value.code == "destination_in_use" and Backup.objects.exists()
    copy.delete()
    delete_destination(row, requested_by="test")


def test_what_a_carrier_needs_is_gone_with_its_block() -> None:
    row = create_destination(SFTP, requested_by="test")
    with carrying(row) as carrier:
        path = Path(carrier.environment["RCLONE_CONFIG_PLACE_KNOWN_HOSTS_FILE"])
        assert "ssh-ed25519" in path.read_text()
    assert not path.exists()
