"""rclone against real servers: put, list, read, remove; what goes wrong has a code, and no secret in it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from programs.offsite.carrier import Carrier, PlaceAway
from programs.run.failures import ProgramError
from tests.places_away import (
    BUCKET,
    PASSWORD,
    RCLONE,
    any_place,
    find_port,
    make_bucket,
    make_s3_client,
    make_s3_place,
    obscure,
    s3_server,
)

KINDS = ("directory", "s3", "sftp", "webdav")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlaceAway]:
    with any_place(request.param, tmp_path / "place") as made:
        yield made


def make_carrier(place: PlaceAway, tmp_path: Path) -> Carrier:
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    return Carrier(place, work_dir=work, program=RCLONE)


def test_an_object_goes_and_is_listed_read_and_removed(place: PlaceAway, tmp_path: Path) -> None:
    carrier, content = make_carrier(place, tmp_path), os.urandom(100_000)
    (tmp_path / "file").write_bytes(content)
    assert carrier.list() == []
    carrier.put(tmp_path / "file", "aa/bb")
    assert [(one["Path"], one["Size"]) for one in carrier.list()] == [("aa/bb", len(content))]
    assert [one["Path"] for one in carrier.list("aa/bb")] == ["aa/bb"]
    assert [one["Path"] for one in carrier.list("aa")] == ["aa/bb"]
    assert carrier.read("aa/bb", most_bytes=len(content)) == content
    with pytest.raises(ProgramError, match="larger"):
        carrier.read("aa/bb", most_bytes=10)
    with pytest.raises(ProgramError) as refused:
        carrier.put_new(tmp_path / "file", "aa/bb")
    assert refused.value.code == "object_exists"
    carrier.delete("aa/bb")
    assert carrier.list() == []
    with pytest.raises(ProgramError) as missing:
        carrier.read("aa/bb", most_bytes=10)
    assert missing.value.code == "object_missing"


def test_a_description_survives_its_file() -> None:
    place = PlaceAway(kind="s3", options={"secret": "x"}, root="a", secrets=("secret",), bandwidth_kib=3)
    assert PlaceAway.parse(place.format()) == place
    assert "'x'" not in repr(place)
    for text in ("", "[]", '{"kind": 1}'):
        with pytest.raises(ProgramError, match="environment_invalid"):
            PlaceAway.parse(text)


def test_a_server_that_does_not_answer_may_be_asked_again(tmp_path: Path) -> None:
    place = make_s3_place(f"http://127.0.0.1:{find_port()}")
    with pytest.raises(ProgramError) as refused:
        make_carrier(place, tmp_path).list()
    assert (refused.value.code, refused.value.retryable) == ("destination_unreachable", True)
    assert PASSWORD not in str(refused.value)


def test_a_wrong_password_and_an_unknown_host_have_codes(tmp_path: Path) -> None:
    with any_place("sftp", tmp_path / "place") as place:
        wrong = replace(place, options={**place.options, "pass": obscure("another one")})
        with pytest.raises(ProgramError) as refused:
            make_carrier(wrong, tmp_path).list()
        assert refused.value.code == "destination_refused"
        other = "[127.0.0.1]:1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
        with pytest.raises(ProgramError) as unknown:
            make_carrier(replace(place, known_hosts=other), tmp_path).list()
        assert unknown.value.code == "destination_untrusted"


def test_a_locked_object_is_held_and_not_an_unknown_error(tmp_path: Path) -> None:
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        place = make_s3_place(address, object_lock_mode="COMPLIANCE", object_lock_retain_until_date="1d")
        carrier = make_carrier(place, tmp_path)
        (tmp_path / "file").write_bytes(b"x" * 1000)
        carrier.put(tmp_path / "file", "locked")
        told = make_s3_client(address).head_object(Bucket=BUCKET, Key="locked")
        assert told["ObjectLockMode"] == "COMPLIANCE"
        version = told["VersionId"]
        client = make_s3_client(address)
        with pytest.raises(client.exceptions.ClientError):
            client.delete_object(Bucket=BUCKET, Key="locked", VersionId=version)


def test_no_secret_is_on_a_command_line(tmp_path: Path) -> None:
    place = make_s3_place(f"http://127.0.0.1:{find_port()}")
    process = make_carrier(place, tmp_path).open("x")
    with process:
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.kill()
    assert PASSWORD.encode() not in command
