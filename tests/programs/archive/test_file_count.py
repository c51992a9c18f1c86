"""A live tree's files are counted as tar would take them."""

import os
import random
import subprocess
from pathlib import Path

import pytest

from programs.archive.file_count import count_files
from programs.archive.members import check_members
from programs.archive.tree import make_tar_command

PATTERNS = ("*/files/css/*", "*/files/php/*", "a[bc]/x", "made/again")


def write(path: Path, *, at: int = 1000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (at, at))


def count_with_tar(root: Path, left_out: tuple[str, ...]) -> int:
    command = make_tar_command(root, excluded=[], left_out=left_out)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None
        return check_members(tar.stdout).files


def test_newest_and_newer_than_a_moment(tmp_path: Path) -> None:
    assert count_files(tmp_path) == {"count": 0}
    write(tmp_path / "one", at=1000)
    write(tmp_path / "below" / "two", at=2000)
    write(tmp_path / "below" / "three", at=2001)
    assert count_files(tmp_path) == {"count": 3, "newest": 2001}
    assert count_files(tmp_path, newer_than=2000) == {"count": 3, "changed": 1, "newest": 2001}


def test_only_files_count_and_links_to_one_file_once(tmp_path: Path) -> None:
    write(tmp_path / "one")
    os.link(tmp_path / "one", tmp_path / "again")
    os.symlink("one", tmp_path / "link")
    os.symlink("nowhere", tmp_path / "broken")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "lost+found").mkdir()
    write(tmp_path / "lost+found" / "x")
    write(tmp_path / ".trash-20261121T080000Z-5f3a9c" / "x")
    assert count_files(tmp_path)["count"] == 1


def test_what_is_left_out_is_what_tar_leaves_out(tmp_path: Path) -> None:
    chance = random.Random(12)
    names = ("default", "files", "css", "php", "ab", "ac", "x", "made", "again", "y.txt", "letter é")
    for _number in range(120):
        parts = [chance.choice(names) for _part in range(chance.randint(1, 5))]
        path = tmp_path.joinpath(*parts)
        if not path.exists() and not any(parent.is_file() for parent in path.parents):
            write(path)
    write(tmp_path / "default" / "files" / "css" / "deep" / "er.css") if not (tmp_path / "default").is_file() else None
    everything = count_files(tmp_path)["count"]
    counted = count_files(tmp_path, left_out=PATTERNS)["count"]
    assert counted == count_with_tar(tmp_path, PATTERNS) < everything == count_with_tar(tmp_path, ())


def test_a_tree_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        count_files(tmp_path / "gone")
