"""programs.run.durable: a file is whole or not there."""

import os
from pathlib import Path

import pytest

from programs.run.durable import open_plain, sync_directory, sync_file_system, write_atomically


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"one")
    (tmp_path / ".file.new").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(path, b"two")
    assert path.read_bytes() == b"one"


def test_only_a_directory_can_be_synced(tmp_path: Path) -> None:
    sync_directory(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        sync_directory(tmp_path / "file")


def test_only_plain_files_are_opened_and_nothing_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"data")
    with open_plain(tmp_path / "plain") as file:
        assert file.read() == b"data"
    (tmp_path / "link").symlink_to("plain")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "fifo", ".", "nothing"):
        with pytest.raises(OSError):
            open_plain(tmp_path / name)


def test_a_file_system_is_made_durable_by_a_directory_of_it(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"data")
    sync_file_system(tmp_path)
    with pytest.raises(NotADirectoryError):
        sync_file_system(tmp_path / "x")
