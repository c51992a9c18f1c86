"""Files are written whole, with their mode and owner, and links are not followed."""

import os
import pwd
import stat
from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from engine.local.accounts import get_account, give, write_file


def test_root_runs_instances_as_another_account() -> None:
    if os.geteuid() != 0:
        assert get_account("www-data").uid is None
        return
    assert get_account("www-data").uid == pwd.getpwnam("www-data").pw_uid
    for name in ("no-such-account", "root", None):
        with pytest.raises(CiviparoisseError) as raised:
            get_account(name)
        assert raised.value.code == "missing_account"


def test_a_file_is_replaced_only_when_its_text_changes(tmp_path: Path) -> None:
    path, account = tmp_path / "secret", get_account("www-data")
    write_file(path, "é1", account, mode=0o400, owned=True)
    first = path.stat()
    write_file(path, "é1", account, mode=0o400, owned=True)
    assert path.stat().st_ino == first.st_ino
    write_file(path, "2", account, mode=0o400, owned=True)
    assert path.read_text() == "2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert os.listdir(tmp_path) == ["secret"]


def test_a_link_in_place_of_a_file_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("kept")
    (tmp_path / "secret").symlink_to(tmp_path / "victim")
    write_file(tmp_path / "secret", "new", get_account("www-data"), mode=0o400)
    assert (tmp_path / "victim").read_text() == "kept"
    assert not (tmp_path / "secret").is_symlink()


def test_a_mode_changed_by_hand_is_put_right(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    path.chmod(0o666)
    give(path, get_account("www-data"), mode=0o640)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
