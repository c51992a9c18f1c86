"""programs.verify on sets whose every part is well-formed and of the right size: only the sums tell that it is another.

Each artifact is stored without compression (gzip level 0), so that other contents of the same length make a file of the
same length, with a right CRC of its own.
"""

import dataclasses
import gzip
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.sets.manifest import Artifact, parse_manifest
from programs.sets.signing import sign_manifest
from programs.verify import check_set
from tests.programs.forgery import read_plain, write_manifest
from tests.programs.test_verify import good_set
from tests.programs.workspace import KEY

__all__ = ["good_set"]


def store(plain: bytes) -> bytes:
    """Return a gzip file of as many bytes for any content of this length."""
    return gzip.compress(plain, 0, mtime=0)


@pytest.fixture
def flat_set(good_set: Path, tmp_path: Path) -> Path:
    """A good set whose artifacts are stored without compression."""
    made = Path(shutil.copytree(good_set, tmp_path / "set"))
    manifest = parse_manifest((made / "manifest.json").read_bytes())

    def flatten(artifact: Artifact) -> Artifact:
        if artifact.kind == "state":
            return artifact
        stored = store(read_plain(made, artifact.name))
        (made / artifact.name).write_bytes(stored)
        return dataclasses.replace(artifact, stored_bytes=len(stored), stored_sha256=hashlib.sha256(stored).hexdigest())

    artifacts = [flatten(artifact) for artifact in manifest.artifacts]
    write_manifest(made, sign_manifest(dataclasses.replace(manifest, artifacts=artifacts), key=KEY))
    assert check_set(made, key=KEY, expected_tenant="saint-paul").rows > 0
    return made


def replace_content(made: Path, name: str, before: bytes, after: bytes) -> None:
    """Put other content of the same length in the place of an artifact's; the file keeps its size."""
    assert len(before) == len(after)
    plain = read_plain(made, name)
    assert before in plain
    size = (made / name).stat().st_size
    (made / name).write_bytes(store(plain.replace(before, after, 1)))
    assert (made / name).stat().st_size == size


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("private.tar.gz", b"private\n", b"changed\n"),
        ("civicrm.sql.gz", b"exploitant", b"exploitanx"),
        ("drupal.sql.gz", b"-- Host", b"-- Hosx"),
    ],
)
def test_other_content_of_the_same_size_is_found_and_named(
    flat_set: Path, name: str, before: bytes, after: bytes
) -> None:
    replace_content(flat_set, name, before, after)
    with pytest.raises(ProgramError) as refused:
        check_set(flat_set, key=KEY, expected_tenant="saint-paul")
    assert refused.value.params["artifact"] == name
    assert refused.value.message.startswith(name)


def test_other_content_of_the_state_is_found(flat_set: Path) -> None:
    path = flat_set / "instance.json"
    path.write_bytes(path.read_bytes().replace(b"standard", b"stendard"))
    with pytest.raises(ProgramError) as refused:
        check_set(flat_set, key=KEY, expected_tenant="saint-paul")
    assert refused.value.params["artifact"] == "instance.json"


def test_a_shorter_file_is_refused_before_it_is_read(flat_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = flat_set / "civicrm.sql.gz"
    os.truncate(path, path.stat().st_size - 1)

    def refuse_to_read(*_arguments: object, **_options: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr("programs.verify.check_database_artifact", refuse_to_read)
    with pytest.raises(ProgramError) as refused:
        check_set(flat_set, key=KEY, expected_tenant="saint-paul")
    assert (refused.value.code, refused.value.params) == ("artifact_damaged", {"artifact": "civicrm.sql.gz"})


def make_link(path: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def make_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("change", [make_link, make_directory])
def test_what_is_no_plain_file_is_refused(flat_set: Path, change: Callable[[Path], None]) -> None:
    change(flat_set / "sites.tar.gz")
    with pytest.raises(ProgramError) as refused:
        check_set(flat_set, key=KEY, expected_tenant="saint-paul")
    assert (refused.value.code, refused.value.params) == ("artifact_damaged", {"artifact": "sites.tar.gz"})


@pytest.mark.parametrize("kind", ["views", "triggers", "routines", "events"])
def test_an_object_that_only_the_manifest_or_only_the_dump_has_is_found(flat_set: Path, kind: str) -> None:
    manifest = parse_manifest((flat_set / "manifest.json").read_bytes())
    name, database = next(item for item in manifest.databases.items() if getattr(item[1], kind))
    left = dict(list(getattr(database, kind).items())[1:])
    databases = {**manifest.databases, name: dataclasses.replace(database, **{kind: left})}
    write_manifest(flat_set, sign_manifest(dataclasses.replace(manifest, databases=databases), key=KEY))
    with pytest.raises(ProgramError) as refused:
        check_set(flat_set, key=KEY, expected_tenant="saint-paul")
    assert refused.value.code == "counts_differ" and refused.value.params["what"] == kind


def test_warnings_of_the_set_and_of_the_check_are_both_told(flat_set: Path) -> None:
    manifest = parse_manifest((flat_set / "manifest.json").read_bytes())
    changed = dataclasses.replace(manifest, warnings=["a socket was left out"])
    write_manifest(flat_set, sign_manifest(changed, key=KEY))
    report = check_set(flat_set, key=None, expected_tenant=None)
    assert report.warnings == ["a socket was left out", "signature not checked"]
    assert check_set(flat_set, key=KEY, expected_tenant=None).warnings == ["a socket was left out"]
