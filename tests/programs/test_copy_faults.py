"""A copy through networks and servers that fail: nothing is lost, nothing is sent twice, and the next run ends it."""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from programs.copy import main
from programs.offsite.carrier import Carrier
from programs.run.failures import ProgramError
from tests.backups.sets import make_set
from tests.networks import cutting_proxy
from tests.places_away import (
    BUCKET,
    RCLONE,
    enforce_accounts,
    make_account,
    make_bucket,
    make_s3_client,
    make_s3_place,
    s3_server,
)
from tests.programs.test_copy import make_environment, read_contents

SEED = int(os.environ.get("RANDOM_SEED") or random.randrange(10**6))


def make_large_set(tmp_path: Path) -> Path:
    """Return a set with an artifact that is on its way for a while."""
    set_dir = make_set(tmp_path)
    (set_dir / "uploads.tar").write_bytes(random.Random(SEED).randbytes(3_000_000))
    return set_dir


def assert_whole(address: str, told: object, work: Path) -> None:
    """Every object of the copy is there, once, with the bytes that were sent."""
    assert isinstance(told, dict)
    carrier = Carrier(make_s3_place(address), work_dir=work, program=RCLONE)
    listed = carrier.list(hashes=True)
    by_name = {one["Path"]: one for one in listed}
    assert len(by_name) == len(listed)
    for part in read_contents(carrier, told["name"]).list_parts():
        assert (by_name[part.name]["Size"], by_name[part.name]["Hashes"]["md5"]) == (part.bytes, part.checksum)


def test_a_network_that_is_cut_anywhere_is_gone_on_with(tmp_path: Path) -> None:
    print(f"RANDOM_SEED={SEED}")  # noqa: T201 - repeats the run
    chance, set_dir = random.Random(SEED), make_large_set(tmp_path)
    with s3_server(tmp_path) as address, cutting_proxy(address) as proxy:
        make_bucket(address, BUCKET, lock=False)
        place = make_s3_place(proxy.address)
        environment = make_environment(tmp_path, set_dir, place)
        for most_bytes in (500, chance.randrange(2_000, 20_000), chance.randrange(20_000, 2_500_000)):
            proxy.most_bytes = most_bytes
            with pytest.raises(ProgramError) as cut:
                main(environment)
            assert (cut.value.code, cut.value.retryable) == ("destination_unreachable", True)
            names = [told["Key"] for told in make_s3_client(address).list_objects_v2(Bucket=BUCKET).get("Contents", [])]
            assert not any("contents-" in name for name in names), "no copy before its list of contents"
        assert proxy.cuts >= 3
        proxy.most_bytes = -1
        assert_whole(address, main(environment)["contents"], tmp_path)


def test_a_credential_that_ends_is_told_and_a_new_one_goes_on(tmp_path: Path) -> None:
    set_dir = make_large_set(tmp_path)
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=False)
        new = make_account(address, "new", "s3:PutObject")
        reader = make_account(address, "reader", "s3:*")
        ended = make_account(address, "ended", "sts:GetCallerIdentity")
        enforce_accounts(address)
        place = make_s3_place(address, access_key_id=ended[0], secret_access_key=ended[1])
        with pytest.raises(ProgramError) as refused:
            main(make_environment(tmp_path, set_dir, place))
        assert (refused.value.code, refused.value.retryable) == ("destination_refused", True)
        assert ended[1] not in str(refused.value)
        unknown = replace(place, options={**place.options, "access_key_id": "AKIAGONE", "secret_access_key": "x" * 40})
        with pytest.raises(ProgramError) as refused:
            main(make_environment(tmp_path, set_dir, unknown))
        assert refused.value.code == "destination_refused"
        valid = replace(place, options={**place.options, "access_key_id": new[0], "secret_access_key": new[1]})
        told = main(make_environment(tmp_path, set_dir, valid))
        names = make_s3_client(address, reader).list_objects_v2(Bucket=BUCKET)["Contents"]
        assert len(names) == told["objects"]
