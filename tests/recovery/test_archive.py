"""recovery.archive: what is written is read back whole, and nothing else is believed."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from recovery.archive import Manifest, describe_parts, is_allowed, measure, read_archive, write_archive

SOURCES: dict[str, Path | bytes] = {
    "database.sqlite3": b"rows" * 1000,
    "keys/field_keys": b"k1:x",
    "settings.json": b"{}",
}


def make_manifest(sources: dict[str, Path | bytes]) -> Manifest:
    """A manifest of those parts."""
    return Manifest(
        manager="0" * 16,
        reason="requested",
        made_at="2026-11-30T04:00:00+00:00",
        versions={"django": "5.2"},
        migrations={"tenants": ["0001_initial"]},
        tables={"tenants_tenant": 2},
        parts=describe_parts(sources),
    )


def write(sources: dict[str, Path | bytes], manifest: Manifest | None = None) -> bytes:
    """An archive of those parts."""
    stream = io.BytesIO()
    write_archive(stream, manifest or make_manifest(sources), sources)
    return stream.getvalue()


def pack(*members: tuple[str, bytes]) -> io.BytesIO:
    """A tar with those members, whatever they are."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    stream.seek(0)
    return stream


def test_every_part_comes_back_in_private_files(tmp_path: Path) -> None:
    manifest = read_archive(io.BytesIO(write(SOURCES)), tmp_path)
    assert manifest == make_manifest(SOURCES)
    for name, data in SOURCES.items():
        assert (tmp_path / name).read_bytes() == data
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_file_is_archived_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"x" * 3_000_000)
    sources: dict[str, Path | bytes] = {"database.sqlite3": tmp_path / "db"}
    (tmp_path / "out").mkdir()
    read_archive(io.BytesIO(write(sources)), tmp_path / "out")
    assert measure(tmp_path / "out" / "database.sqlite3") == measure(tmp_path / "db")


@pytest.mark.parametrize("cut", [0, 10, 200, 400])
def test_an_archive_cut_short_is_damaged(cut: int) -> None:
    with pytest.raises(CiviparoisseError) as error:
        read_archive(io.BytesIO(write(SOURCES)[:cut]), None)
    assert error.value.code == "archive_damaged"


def test_a_part_that_differs_is_named() -> None:
    manifest = make_manifest(SOURCES)
    changed: dict[str, Path | bytes] = {**SOURCES, "keys/field_keys": b"k1:y"}
    with pytest.raises(CiviparoisseError) as error:
        read_archive(io.BytesIO(write(changed, manifest)), None)
    assert error.value.code == "archive_damaged" and "keys/field_keys" in error.value.params["detail"]


def test_a_part_that_is_missing_is_named() -> None:
    archive = pack(("manifest.json", make_manifest(SOURCES).format()), ("settings.json", b"{}"))
    with pytest.raises(CiviparoisseError, match="missing"):
        read_archive(archive, None)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "keys/../x", "keys/", "keys/a/b", "keys/a.b", "other"])
def test_a_part_goes_nowhere_else(name: str, tmp_path: Path) -> None:
    assert not is_allowed(name)
    sources: dict[str, Path | bytes] = {name: b"x"}
    (tmp_path / "in").mkdir()
    with pytest.raises(CiviparoisseError):
        read_archive(pack(("manifest.json", make_manifest(sources).format()), (name, b"x")), tmp_path / "in")
    assert list((tmp_path / "in").rglob("*")) == [] and not (tmp_path / "outside").exists()


def test_a_link_is_refused() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(CiviparoisseError, match="no file"):
        read_archive(io.BytesIO(stream.getvalue()), None)


def test_another_format_is_told() -> None:
    document = json.loads(make_manifest(SOURCES).format()) | {"format": 2}
    with pytest.raises(CiviparoisseError) as error:
        read_archive(pack(("manifest.json", json.dumps(document).encode())), None)
    assert error.value.code == "archive_unknown_format"


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff"])
def test_a_manifest_that_is_none_is_damage(text: bytes) -> None:
    with pytest.raises(CiviparoisseError) as error:
        Manifest.parse(text)
    assert error.value.code == "archive_damaged"
