"""rclone against real servers: put, list, read, remove; what goes wrong has a code, and no secret in it."""

import os
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from programs.offsite.carrier import NO_END, Carrier, PlaceAway
from programs.run.failures import ProgramError
from tests.any_place import KINDS, any_place
from tests.places_away import (
    BUCKET,
    PASSWORD,
    RCLONE,
    enforce_accounts,
    find_port,
    keep_versions,
    make_account,
    make_bucket,
    make_s3_client,
    make_s3_place,
    make_ssh_key,
    obscure,
    s3_server,
)


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


def test_another_key_of_an_account_is_refused_and_not_told(tmp_path: Path) -> None:
    keys = {"azure": ("key", b64encode(b"x" * 64).decode()), "openssh": ("key_pem", make_ssh_key()[0])}
    for kind, (name, key) in keys.items():
        with any_place(kind, tmp_path / "place") as place:
            wrong = replace(place, options={**place.options, name: key.replace("\n", "\\n")})
            (tmp_path / "file").write_bytes(b"x")
            for attempt in (Carrier.list, lambda carrier: carrier.put(tmp_path / "file", "aa/bb")):
                with pytest.raises(ProgramError) as refused:
                    attempt(make_carrier(wrong, tmp_path))
                assert refused.value.code == "destination_refused", kind
                assert not any(line in str(refused.value) for line in key.splitlines() if line)
            assert make_carrier(place, tmp_path).list() == []


def test_what_a_server_does_not_let_go_stays_and_is_told(tmp_path: Path) -> None:
    with any_place("openssh", tmp_path / "place") as place:
        carrier, folder = make_carrier(place, tmp_path), Path(place.root) / "aa"
        (tmp_path / "file").write_bytes(b"x")
        carrier.put(tmp_path / "file", "aa/bb")
        folder.chmod(0o555)
        (folder / "bb").chmod(0o444)
        (tmp_path / "other").write_bytes(b"other")
        for attempt in (
            lambda: carrier.delete("aa/bb"),
            lambda: carrier.remove_all("aa"),
            lambda: carrier.put(tmp_path / "other", "aa/bb"),
        ):
            with pytest.raises(ProgramError) as refused:
                attempt()
            assert refused.value.code == "destination_refused"
        assert carrier.read("aa/bb", most_bytes=10) == b"x"
        folder.chmod(0o755)


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


def test_all_below_a_name_goes_and_nothing_there_is_no_error(place: PlaceAway, tmp_path: Path) -> None:
    carrier = make_carrier(place, tmp_path)
    (tmp_path / "file").write_bytes(b"x" * 1000)
    for name in ("aa/one/1", "aa/one/2", "aa/other/1"):
        carrier.put(tmp_path / "file", name)
    assert carrier.find_lock_end("aa/one") is None and carrier.find_lock_end("aa/none") is None
    assert carrier.remove_all("aa/one") == 0
    assert [one["Path"] for one in carrier.list()] == ["aa/other/1"]
    assert carrier.remove_all("aa/one") == 0


def test_earlier_versions_go_too_where_the_account_may_and_are_counted_where_not(tmp_path: Path) -> None:
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=False)
        keep_versions(address, BUCKET)
        looks = ("s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:ListBucketVersions", "s3:GetObjectRetention")
        accounts = [make_account(address, "whole", "s3:*"), make_account(address, "part", *looks, "s3:DeleteObject")]
        enforce_accounts(address)
        whole, part = (
            make_carrier(make_s3_place(address, access_key_id=name, secret_access_key=secret), tmp_path)
            for name, secret in accounts
        )
        (tmp_path / "file").write_bytes(b"x" * 1000)
        for carrier, hidden in ((part, 1), (whole, 0)):
            carrier.put(tmp_path / "file", "aa/one")
            assert carrier.remove_all("aa") == hidden
            assert carrier.list("aa") == []
        # What the first account had to leave went with the second one's.
        told = make_s3_client(address, accounts[0]).list_object_versions(Bucket=BUCKET)
        assert not told.get("Versions") and not told.get("DeleteMarkers")


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_until_when_a_lock_holds_is_told_and_nothing_is_hidden(tmp_path: Path, mode: str) -> None:
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=True)
        place = make_s3_place(address, object_lock_mode=mode, object_lock_retain_until_date="2d")
        carrier = make_carrier(place, tmp_path)
        (tmp_path / "file").write_bytes(b"x")
        carrier.put(tmp_path / "file", "aa/locked")
        end = carrier.find_lock_end("aa")
        assert end is not None and timedelta(days=1, hours=23) < end - datetime.now(UTC) < timedelta(days=2, hours=1)
        with pytest.raises(ProgramError) as held:
            carrier.remove_all("aa")
        assert held.value.code == "object_held"
        assert carrier.read("aa/locked", most_bytes=10) == b"x"
        client = make_s3_client(address)
        client.put_object(Bucket=BUCKET, Key="bb/held", Body=b"x")
        client.put_object_legal_hold(Bucket=BUCKET, Key="bb/held", LegalHold={"Status": "ON"})
        assert carrier.find_lock_end("bb") == NO_END


def test_an_account_that_only_writes_can_write_and_do_nothing_else(tmp_path: Path) -> None:
    with s3_server(tmp_path) as address:
        make_bucket(address, BUCKET, lock=False)
        name, secret = make_account(address, "writer", "s3:PutObject")
        enforce_accounts(address)
        writer = make_carrier(make_s3_place(address, access_key_id=name, secret_access_key=secret), tmp_path)
        (tmp_path / "file").write_bytes(b"x")
        writer.put(tmp_path / "file", "aa/one")
        for attempt in (
            lambda: writer.list("aa"),
            lambda: writer.read("aa/one", most_bytes=10),
            lambda: writer.delete("aa/one"),
            lambda: writer.remove_all("aa"),
        ):
            with pytest.raises(ProgramError) as refused:
                attempt()
            assert refused.value.code == "destination_refused"
