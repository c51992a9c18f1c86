"""Sealing by age: opened by any of its keys, in parts of a bounded size, nothing plain beside."""

import hashlib
import os
import subprocess
from hashlib import md5 as make_md5
from pathlib import Path

import pyrage
import pytest

from programs.offsite.sealing import make_identity, measure, seal_parts, start_age
from programs.run.failures import ProgramError


def test_a_file_is_sealed_in_parts_that_together_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("programs.offsite.sealing.PART_BYTES", 70_000)
    content = os.urandom(200_000)
    (tmp_path / "plain").write_bytes(content)
    identities = [make_identity() for _ in range(3)]
    parts = []
    for size, sha256, md5 in seal_parts(tmp_path / "plain", tmp_path / "part", [public for _, public in identities]):
        data = (tmp_path / "part").read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (size, sha256)
        assert make_md5(data, usedforsecurity=False).hexdigest() == md5
        parts.append(data)
    assert len(parts) == 3
    for identity, _public in identities:
        assert pyrage.decrypt(b"".join(parts), [pyrage.x25519.Identity.from_str(identity)]) == content


def test_what_age_refuses_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"x")
    with pytest.raises(ProgramError) as refused:
        list(seal_parts(tmp_path / "plain", tmp_path / "part", ["age1nothing"]))
    assert refused.value.code == "seal_failed"


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramError) as missing:
        make_identity()
    assert missing.value.code == "program_missing"


def test_an_empty_file_has_its_measures(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert measure(tmp_path / "empty") == (0, hashlib.sha256().hexdigest())


def test_why_it_was_left_is_told_though_age_takes_nothing_any_more(tmp_path: Path) -> None:
    class Left(Exception):
        pass

    with pytest.raises(Left), start_age(tmp_path / "no-identity", subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(b"waits in the buffer")
        assert process.wait(60) != 0
        raise Left
    assert process.stdin.closed
