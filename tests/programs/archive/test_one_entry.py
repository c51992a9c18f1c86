"""programs.archive.one_entry: what is asked for and nothing else is written, and never outside."""

import io
import os
from pathlib import Path

import pytest

from programs.archive.one_entry import clean_path, extract_entry, open_parent, put_in_place
from programs.archive.swap import make_staging
from programs.run.failures import ProgramError
from tests.programs.archives import END, HOSTILE, make_directory, make_file, make_link

ARCHIVE = (
    make_directory(b"./")
    + make_directory(b"./d/")
    + make_file(b"./d/f", b"wanted")
    + make_link(b"./d/h", b"./d/f", typeflag=b"1")
    + make_directory(b"./dd/")
    + make_file(b"./dd/f", b"other")
    + make_link(b"./dd/h", b"./d/f", typeflag=b"1")
    + END
)
BACKUP_ID = "20261121T080000Z-5f3a9c"


def extract(tmp_path: Path, path: bytes, archive: bytes = ARCHIVE) -> Path:
    staged = make_staging(tmp_path, BACKUP_ID)
    extract_entry(io.BytesIO(archive), staged, path, origin="/srv", root=str(tmp_path))
    return staged


def test_a_directory_is_written_with_what_is_below_it(tmp_path: Path) -> None:
    staged = extract(tmp_path, b"d")
    assert sorted(path.name for path in (staged / "entry").iterdir()) == ["f", "h"]
    assert (staged / "entry/f").read_bytes() == b"wanted"
    assert os.stat(staged / "entry/h").st_ino == os.stat(staged / "entry/f").st_ino
    assert [path.name for path in staged.iterdir()] == ["entry"]


def test_a_file_alone_is_written(tmp_path: Path) -> None:
    assert (extract(tmp_path, b"d/f") / "entry").read_bytes() == b"wanted"


@pytest.mark.parametrize(
    ("path", "code"), [(b"dd", "entry_linked"), (b"dd/h", "entry_linked"), (b"x", "entry_missing")]
)
def test_what_cannot_be_taken_alone_is_named(tmp_path: Path, path: bytes, code: str) -> None:
    with pytest.raises(ProgramError) as refused:
        extract(tmp_path, path)
    assert refused.value.code == code


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_whatever_is_asked_of_it(tmp_path: Path, what: str) -> None:
    archive, _member = HOSTILE[what]
    with pytest.raises(ProgramError) as refused:
        extract(tmp_path, b"d/f", archive)
    assert refused.value.code == "hostile_archive"


@pytest.mark.parametrize("text", ["", "/", "..", "a/..", "./a", "a//b", "a\0"])
def test_a_path_that_leads_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(ProgramError, match="path_refused"):
        clean_path(text)


def test_it_takes_the_place_of_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/added").touch()
    extract(tmp_path, b"d")
    assert put_in_place(tmp_path, BACKUP_ID, b"d") == []
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == ["f", "h"]
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_no_link_is_followed_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "d").symlink_to("/tmp")
    with pytest.raises(ProgramError, match="parent_missing"):
        open_parent(tmp_path, b"d/f")
    assert open_parent(tmp_path, b"f") == tmp_path
    assert clean_path("/d/f/") == b"d/f"
