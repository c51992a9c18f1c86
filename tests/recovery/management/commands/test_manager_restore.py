"""manager_restore: on a machine that has neither keys nor a database, from a place and the paper alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from recovery.making import make_archive
from recovery.models import ArchiveReason
from tests.gates.source import ROOT
from tests.recovery.archives import make_manager

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 240


def run(state: Path, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """Run the manager's command line as on a new machine: no setting, no key, no database."""
    ours = ("CIVIPAROISSE_", "DJANGO_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment | {"CIVIPAROISSE_STATE_DIR": str(state), "LANG": "C.UTF-8"},
        input=typed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_manager_comes_back_and_reads_its_secrets(tmp_path: Path) -> None:
    key = make_manager(tmp_path / "place")
    archive = make_archive(ArchiveReason.REQUESTED, now=timezone.now())
    assert archive is not None
    new, place = tmp_path / "new", str(tmp_path / "place")
    code, listed, _errors = run(new, "manager_restore", place, "--list", "--json")
    assert code == 0 and [one["name"] for one in json.loads(listed)["archives"]] == [archive.name]
    assert run(new, "manager_restore", place, typed="AGE-SECRET-KEY-1NONSENSE\n")[0] == 1
    code, text, errors = run(new, "manager_restore", place, "--json", typed=f"{key}\n")
    assert code == 0, text + errors
    answer = json.loads(text)
    assert answer["archive"]["name"] == archive.name and answer["rows"] > 0
    assert key not in text + errors
    code, text, errors = run(new, "manager_backup", "--list", "--json")
    assert code == 0, errors
    script = "from tenants.models import Instance; print(Instance.objects.get().secrets['db_password'])"
    code, text, errors = run(new, "shell", "--no-imports", "-c", script)
    assert code == 0 and "a secret of the parish" in text, errors
    # A second time: somebody's manager is there now.
    code, text, _errors = run(new, "manager_restore", place, "--json", typed=f"{key}\n")
    assert code == 1 and json.loads(text)["error"]["code"] == "manager_state_exists"
    file = tmp_path / "paper"
    file.write_text(key)
    arguments = ("--recovery-key-file", str(file), "--replace", str(new), "--json")
    code, text, errors = run(new, "manager_restore", place, *arguments)
    assert code == 0 and Path(json.loads(text)["put_aside"], "manager.sqlite3").exists(), errors


def test_without_an_archive_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    code, text, _errors = run(tmp_path / "new", "manager_restore", str(tmp_path / "place"), "--json", typed="x\n")
    assert code == 1 and json.loads(text)["error"]["code"] == "archive_not_found"
