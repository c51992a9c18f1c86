"""Secrets come from files, never from the command line."""

from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from offsite.destination_options import DestinationCommand, read_secret_file


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(" a secret\n")
    assert read_secret_file(str(tmp_path / "secret")) == "a secret"
    with pytest.raises(CiviparoisseError) as refused:
        read_secret_file(str(tmp_path / "missing"))
    assert refused.value.code == "file_unreadable"


def test_only_what_was_given_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    options = {"kind": "s3", "bucket": "copies", "secret_access_key_file": str(tmp_path / "secret"), "folder": None}
    assert DestinationCommand().read_parameters(options) == {
        "kind": "s3",
        "bucket": "copies",
        "secret_access_key": "s",
    }
