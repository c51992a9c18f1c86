"""programs.sites.settings_files: plain files only, and their modes stay."""

import os
import stat
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.sites.settings_files import MAX_BYTES, read_settings, write_in_place


def test_bytes_that_are_no_text_come_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.php"
    path.write_bytes(b"<?php // \xff\n")
    os.chmod(path, 0o440)
    write_in_place(path, read_settings(path).encode("utf-8", "surrogateescape"))
    assert path.read_bytes() == b"<?php // \xff\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o440


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.php").symlink_to("settings.php")
    (tmp_path / "settings.php").write_bytes(b" " * (MAX_BYTES + 1))
    for name in ("link.php", "settings.php", "missing.php"):
        with pytest.raises(ProgramError) as caught:
            read_settings(tmp_path / name)
        assert caught.value.code == "settings_missing"
