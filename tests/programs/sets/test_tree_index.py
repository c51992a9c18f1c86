"""programs.sets.tree_index: what the tar holds, line by line, and nothing that a backup would not write."""

import hashlib
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.archive.members import check_members
from programs.run.failures import ProgramError
from programs.run.streams import Measures
from programs.sets import tree_index
from programs.sets.tree_index import IndexEntry, IndexSum, IndexWriter, check_entries, format_entry, read_entries
from tests.programs.archives import END, make_directory, make_file, make_link, make_with_tar
from tests.programs.parish import make_files

EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6")) * 40
GOOD = IndexEntry(path="d/f", kind="file", size=4, mode=0o640, mtime_ns=-5, link="", sha256="0" * 64)


def make_index(archive: bytes) -> bytes:
    target = io.BytesIO()
    writer = IndexWriter(target)
    check_members(io.BytesIO(archive), note=writer.note)
    writer.flush()
    return target.getvalue()


def read(index: bytes) -> dict[str, IndexEntry]:
    return {entry.path: entry for entry in read_entries(io.BytesIO(index), name="sites.index.gz")}


def test_every_member_of_a_real_tar_is_told_as_the_file_system_tells_it(tmp_path: Path) -> None:
    # Below the root: names that are a restore's own stand at the top alone.
    (tmp_path / "inner").mkdir()
    make_files(tmp_path / "inner")
    (tmp_path / "été\n").write_text("name\n")
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(3 << 20)
        file.seek(1 << 20)
        file.write(b"middle")
    entries = read(make_index(make_with_tar(tmp_path)))
    on_disk = {"", *(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))}
    assert set(entries) == on_disk
    files = [path for path in entries if entries[path].kind == "file"]
    assert files
    for path in files:
        status, entry = (tmp_path / path).stat(), entries[path]
        assert entry.sha256 == hashlib.sha256((tmp_path / path).read_bytes()).hexdigest(), path
        assert (entry.size, entry.mode, entry.mtime_ns) == (status.st_size, status.st_mode & 0o7777, status.st_mtime_ns)
    links = [path for path in entries if entries[path].kind == "symlink"]
    assert links and all(entries[path].link == os.readlink(tmp_path / path) for path in links)


def test_the_same_tar_makes_the_same_index_and_another_one_does_not() -> None:
    archive = make_directory(b"d/") + make_file(b"d/f", b"data") + make_link(b"l", b"d/f") + END
    index = make_index(archive)
    assert make_index(archive) == index
    assert make_index(archive.replace(b"data", b"dato")) != index
    total = IndexSum()
    total.write(index)
    digest = hashlib.sha256(index).hexdigest()
    assert total.agrees(Measures(1, "", len(index), digest))
    assert not total.agrees(Measures(1, "", len(index) + 1, digest))
    assert not total.agrees(Measures(1, "", len(index), "0" * 64))


def test_nobody_waits_for_the_sum_of_holes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tree_index, "MOST_HOLE_BYTES", 1 << 20)
    for name, size in (("small", 1 << 20), ("large", (1 << 20) + 4096)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    entries = read(make_index(make_with_tar(tmp_path)))
    assert entries["small"].sha256 == hashlib.sha256(bytes(1 << 20)).hexdigest()
    assert entries["large"].sha256 is None


def test_names_of_any_bytes_are_told_and_read_again() -> None:
    entries = read(make_index(make_file(b"caf\xe9 \xff", b"x") + END))
    assert [os.fsencode(path) for path in entries] == [b"caf\xe9 \xff"]


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../f"},
        {"path": "/f"},
        {"path": "d//f"},
        {"path": "d/./f"},
        {"path": "d/\0f"},
        {"path": 1},
        {"kind": "device"},
        {"kind": "symlink"},
        {"kind": "directory"},
        {"link": "x"},
        {"size": -1},
        {"size": 1.0},
        {"size": True},
        {"mode": 0o10000},
        {"mtime_ns": "0"},
        {"sha256": "A" * 64},
        {"sha256": "0" * 63},
        {"extra": 1},
    ],
)
def test_a_line_that_no_backup_writes_is_refused(change: dict[str, object]) -> None:
    line = json.dumps({**json.loads(format_entry(GOOD)), **change}, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(ProgramError) as refused:
        check_entries(io.BytesIO(line + b"\n"), name="sites.index.gz")
    assert (refused.value.code, refused.value.params) == ("index_invalid", {"artifact": "sites.index.gz"})


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"[]\n",
        b"[1]\n",
        b"null\n",
        format_entry(GOOD)[:-1],
        b" " + format_entry(GOOD),
        format_entry(GOOD).replace(b'"kind":"file",', b'"kind":"file","kind":"file",'),
        b"x" * (tree_index.MOST_LINE_BYTES + 10),
        b"[" * 100_000 + b"\n",
    ],
)
def test_other_text_is_refused(line: bytes) -> None:
    with pytest.raises(ProgramError, match="index_invalid"):
        check_entries(io.BytesIO(line), name="x")


def test_entries_are_counted() -> None:
    assert check_entries(io.BytesIO(format_entry(GOOD) * 3), name="x") == 3


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_noise_is_refused_or_is_the_same_entry(data: st.DataObject) -> None:
    line = bytearray(format_entry(GOOD))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    try:
        entries = list(read_entries(io.BytesIO(bytes(line)), name="x"))
    except ProgramError as refused:
        assert refused.code == "index_invalid"
    else:
        assert b"".join(map(format_entry, entries)) == bytes(line)
