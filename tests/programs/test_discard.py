"""programs.discard: the set goes, also after a kill in the middle; nothing else does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from programs.discard import discard_set
from programs.run.failures import ProgramError
from programs.sets.removal import TRASH

ROOT = Path(__file__).resolve().parents[2]
KEPT, REMOVED = "20261120T080000Z-5f3a9c", "20261121T080000Z-5f3a9c"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    for name in (KEPT, REMOVED):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "manifest.json").write_text("{}")
    return tmp_path


def test_one_set_goes_and_asking_again_is_no_error(backups: Path) -> None:
    assert discard_set(backups, REMOVED)
    assert os.listdir(backups) == [KEPT]
    assert not discard_set(backups, REMOVED)
    assert os.listdir(backups) == [KEPT]


def test_what_a_killed_run_left_goes_with_the_next(backups: Path) -> None:
    (backups / REMOVED).rename(backups / f"{TRASH}{REMOVED}")
    assert not discard_set(backups, REMOVED)
    assert os.listdir(backups) == [KEPT]


def test_a_link_in_place_of_a_set_is_refused(backups: Path) -> None:
    (backups / "20261122T080000Z-5f3a9c").symlink_to(backups / KEPT)
    with pytest.raises(ProgramError) as raised:
        discard_set(backups, "20261122T080000Z-5f3a9c")
    assert raised.value.code == "not_a_set"
    assert (backups / KEPT / "manifest.json").exists()


@pytest.mark.parametrize("backup_id", ["", "../x", "20261121T080000Z-5f3a9c/", ".trash-x"])
def test_the_program_refuses_what_is_not_an_id(backups: Path, backup_id: str) -> None:
    code, result = run(backups, backup_id)
    assert code == 2
    assert result["error"]["code"] == "environment_invalid"
    assert sorted(os.listdir(backups)) == [KEPT, REMOVED, "result.json"]


def test_the_program_reports_what_it_did(backups: Path) -> None:
    code, result = run(backups, REMOVED)
    assert (code, result["ok"], result["removed"]) == (0, True, True)
    assert not (backups / REMOVED).exists()


def run(backups: Path, backup_id: str) -> tuple[int, dict[str, dict[str, str]]]:
    result = backups / "result.json"
    environment = {"BACKUPS_DIR": str(backups), "BACKUP_ID": backup_id, "RESULT_FILE": str(result)}
    command = [sys.executable, "-m", "programs.discard"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=180, check=False)
    return answer.returncode, json.loads(result.read_text())
