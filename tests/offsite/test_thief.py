"""A thief with all that a pod is given for a copy: nothing that is elsewhere can be read or removed, and what he writes
over it is found and leaves the original."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from domain.states import OperationKind
from offsite.comparing import compare_copy
from offsite.copies import make_copy_job
from offsite.destinations import create_destination
from offsite.fetching import is_away
from offsite.keys import PrintedKey
from offsite.models import CopyState, ParishKey
from programs.offsite.carrier import Carrier, PlaceAway
from programs.run.failures import ProgramError
from tests.backups.parishes import Parishes
from tests.offsite.conftest import carry_to_end
from tests.places_away import (
    BUCKET,
    RCLONE,
    enforce_accounts,
    make_account,
    make_bucket,
    make_s3_client,
    s3_server,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def test_what_a_pod_holds_neither_reads_nor_removes_and_what_it_replaces_is_found(
    parishes: Parishes, recovery: PrintedKey, tmp_path: Path
) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        owner, pod = make_account(address, "owner", "s3:*"), make_account(address, "pod", "s3:PutObject")
        enforce_accounts(address)
        access = {"access_key_id": owner[0], "secret_access_key": owner[1], "endpoint": address, "region": "us-east-1"}
        access |= {"write_access_key_id": pod[0], "write_secret_access_key": pod[1]}
        lock = {"lock_mode": "compliance", "lock_days": 2}
        create_destination({"name": "s3", "kind": "s3", "bucket": BUCKET, **access, **lock}, requested_by="test")
        (copy,) = carry_to_end()
        job = make_copy_job(copy)
        held = json.dumps([dict(job.environment), dict(job.secrets)])
        private = [key.identity for key in ParishKey.objects.all()]
        for secret in (owner[0], owner[1], recovery.identity, "AGE-SECRET-KEY", *private):
            assert secret not in held
        thief = Carrier(PlaceAway.parse(job.secrets["DESTINATION"]), work_dir=tmp_path, program=RCLONE)
        folder = copy.contents_name.rpartition("/")[0]
        attempts: tuple[Callable[[], object], ...] = (
            lambda: thief.list(folder),
            thief.list,
            lambda: thief.read(copy.contents_name, most_bytes=10**6),
            lambda: thief.delete(copy.contents_name),
            lambda: thief.remove_all(folder),
        )
        for attempt in attempts:
            with pytest.raises(ProgramError) as refused:
                attempt()
            assert refused.value.code == "destination_refused"
        (tmp_path / "forged").write_bytes(b"x" * (copy.contents_bytes or 0))
        thief.put(tmp_path / "forged", copy.contents_name)
        assert compare_copy(copy, now=timezone.now()) is CopyState.DIFFERENT and not is_away(copy.backup)
        versions = make_s3_client(address, owner).list_object_versions(Bucket=BUCKET, Prefix=copy.contents_name)
        assert len(versions["Versions"]) == 2, "the original is still below its lock"
