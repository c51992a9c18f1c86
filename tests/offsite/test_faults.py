"""Servers that lie, lose or replace what they were given: never protected wrongly, and made whole again."""

from pathlib import Path

import pytest
from django.utils import timezone

from domain.states import OperationKind
from offsite.checking import check_destination
from offsite.comparing import compare_copy, compare_due
from offsite.copies import copy_again
from offsite.destinations import create_destination
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination
from offsite.protection import get_last_protected
from tests.backups.parishes import Parishes
from tests.networks import altering_proxy
from tests.offsite.conftest import carry_to_end
from tests.places_away import ACCOUNT, BUCKET, PASSWORD, make_bucket, make_s3_client, s3_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def make_s3_row(address: str) -> Destination:
    access = {"access_key_id": ACCOUNT, "secret_access_key": PASSWORD, "endpoint": address, "region": "us-east-1"}
    return create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access}, requested_by="test")


def flip_parts(method: str, path: str, content: bytes) -> bytes:
    """Alter one bit of every object that is read, but for the lists of contents and of objects."""
    is_object = path.split("?")[0].count("/") > 2 and "contents-" not in path
    if method != "GET" or not is_object or not content:
        return content
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.usefixtures("recovery")
def test_right_checksums_of_bytes_that_are_gone_are_not_believed(parishes: Parishes, tmp_path: Path) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    with s3_server(tmp_path) as address, altering_proxy(address, flip_parts) as liar:
        make_bucket(address, BUCKET, lock=False)
        row = make_s3_row(liar)
        assert "place_read_differs" in [finding.code for finding in check_destination(row, now=timezone.now())]
        (copy,) = carry_to_end(expected=CopyState.DIFFERENT)
        assert copy.error_params["code"] == "copy_differs" and get_last_protected(paul) is None


@pytest.mark.usefixtures("recovery")
def test_what_a_server_lost_or_replaced_is_found_without_download_and_made_anew(
    parishes: Parishes, tmp_path: Path
) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=False)
        make_s3_row(address)
        carry_to_end()
        client = make_s3_client(address)
        assert get_last_protected(paul) is not None
        for expected in (CopyState.MISSING, CopyState.DIFFERENT):
            copy = BackupCopy.objects.select_related("backup__instance__tenant", "destination").get()
            prefix = copy.contents_name.rpartition("/")[0]
            told = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/")["Contents"]
            part = max((one for one in told if "contents-" not in one["Key"]), key=lambda one: one["Size"])
            if expected is CopyState.MISSING:
                client.delete_object(Bucket=BUCKET, Key=part["Key"])
            else:
                client.put_object(Bucket=BUCKET, Key=part["Key"], Body=b"x" * part["Size"])
            assert compare_copy(copy, now=timezone.now()) is expected
            assert get_last_protected(paul) is None
            copy_again(copy)
            (again,) = carry_to_end()
            assert again.state in PROTECTING and get_last_protected(paul) is not None
            assert compare_due(now=timezone.now()) == []
