"""Destinations and copies over REST: read and checked, no secret comes out."""

from pathlib import Path

from django.test import Client

from domain.states import InstanceState
from offsite.destinations import create_destination
from offsite.models import BackupCopy, CopyState
from tests.backups.rows import make_backup_row
from tests.offsite.places import SEALED_BYTES, make_copy
from tests.places_away import ACCOUNT, PASSWORD
from tests.rows import make_instance_row

LIST = "/api/v1/destinations/"


def test_a_destination_is_read_with_its_usage_and_without_its_secrets(api: Client) -> None:
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": "https://s3.example.org"}
    row = create_destination({"name": "s3", "kind": "s3", "bucket": "copies", **access}, requested_by="test")
    backup = make_backup_row(make_instance_row(state=InstanceState.ACTIVE), state="deleted")
    make_copy(backup, row)
    answer = api.get(f"{LIST}s3/", headers={"accept-language": "en"})
    shown = answer.json()
    assert shown["settings"]["secret_access_key_set"] is True and PASSWORD not in answer.content.decode()
    assert shown["usage"] == {"there": 1, "coming": 0, "damaged": 0, "sealed_bytes": SEALED_BYTES}
    assert "saint-paul" in shown["if_retired"][0]
    assert [told["name"] for told in api.get(LIST).json()["results"]] == ["s3"]
    assert api.get(f"{LIST}none/").status_code == 404


def test_a_check_answers_its_findings_and_is_kept(api: Client, tmp_path: Path) -> None:
    create_destination({"name": "shelf", "kind": "directory", "path": str(tmp_path)}, requested_by="test")
    checked = api.post(f"{LIST}shelf/check/")
    assert checked.status_code == 200 and "place_written" in [found["code"] for found in checked.json()["findings"]]
    assert api.get(f"{LIST}shelf/").json()["level"] == checked.json()["level"] == "warning"


def test_copies_are_narrowed(api: Client, tmp_path: Path) -> None:
    row = create_destination({"name": "shelf", "kind": "directory", "path": str(tmp_path)}, requested_by="test")
    paul = make_instance_row(state=InstanceState.ACTIVE)
    backups = [make_backup_row(paul, hours_ago=hours) for hours in (1, 2)]
    for backup, state in zip(backups, (CopyState.CHECKED, CopyState.MISSING), strict=True):
        make_copy(backup, row, state=state)
    BackupCopy.objects.filter(state=CopyState.MISSING).update(
        error_code="copy_failed",
        error_params={"backup_id": "b", "destination": "shelf", "code": "object_missing", "message": "m", "hint": "h"},
    )
    everything = api.get("/api/v1/copies/").json()["results"]
    assert [told["backup"] for told in everything] == [backup.backup_id for backup in backups]
    missing = api.get("/api/v1/copies/?state=missing&instance=saint-paul&destination=shelf").json()["results"]
    assert [told["backup"] for told in missing] == [backups[1].backup_id] and missing[0]["error"]["hint"]
    assert api.get("/api/v1/copies/?state=lost").status_code == 400
