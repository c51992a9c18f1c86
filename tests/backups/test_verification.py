"""Reading a set back: any directory, without database or engine."""

from pathlib import Path

import pytest

from backups.verification import verify_directory
from domain.errors import CiviparoisseError
from programs.run.failures import ProgramError
from tests.backups.sets import damage_set, make_set


def test_a_directory_is_read_back_without_database_or_engine(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    figures = verify_directory(set_dir)
    assert (figures["backup_id"], figures["members"], figures["signature_checked"]) == (set_dir.name, 4, False)
    assert verify_directory(set_dir, key_file=tmp_path / "key", tenant="saint-paul")["signature_checked"] is True


def test_a_damaged_set_names_the_artifact(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    name = damage_set(set_dir)
    with pytest.raises(ProgramError) as refused:
        verify_directory(set_dir)
    assert refused.value.code == "artifact_damaged"
    assert name in refused.value.message


def test_what_is_no_set_is_refused(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    (tmp_path / "other-key").write_bytes(b"some other key of the manifest")
    refusals = {
        "manifest_missing": lambda: verify_directory(tmp_path),
        "signature_invalid": lambda: verify_directory(set_dir, key_file=tmp_path / "other-key"),
        "other_tenant": lambda: verify_directory(set_dir, tenant="sainte-marie"),
    }
    for code, verify in refusals.items():
        with pytest.raises(ProgramError) as refused:
            verify()
        assert refused.value.code == code


def test_what_is_no_directory_or_no_key_is_named(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    for arguments in ({"set_dir": set_dir / "manifest.json"}, {"set_dir": set_dir, "key_file": tmp_path / "no-key"}):
        with pytest.raises(CiviparoisseError) as refused:
            verify_directory(**arguments)
        assert refused.value.code == "file_unreadable"
        assert refused.value.params["path"] == str(list(arguments.values())[-1])
