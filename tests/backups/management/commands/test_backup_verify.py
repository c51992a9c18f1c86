"""backup_verify."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenants.models import Instance
from tests.backups.commands import run_command, run_json
from tests.backups.sets import damage_set, make_set
from tests.engines import FakeEngine

ROOT = Path(__file__).resolve().parents[4]


def test_any_directory_is_checked_without_the_database(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    environment = {**os.environ, "CIVIPAROISSE_SQLITE_PATH": str(tmp_path / "missing" / "manager.sqlite3")}
    command = [sys.executable, str(ROOT / "manage.py"), "backup_verify", str(set_dir), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["good"], document["members"], document["warnings"]) == (True, 4, ["signature not checked"])


def test_a_bad_set_is_exit_code_1_and_named(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    name = damage_set(set_dir)
    code, document = run_json("backup_verify", str(set_dir))
    assert (code, document["good"], document["error"]["code"]) == (1, False, "artifact_damaged")
    code, text = run_command("backup_verify", str(set_dir))
    assert code == 1 and name in text


def test_signature_and_parish_are_compared_when_given(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    key = str(tmp_path / "key")
    code, text = run_command("backup_verify", str(set_dir), "--key-file", key, "--tenant", "saint-paul")
    assert code == 0 and text.startswith(f"bonne\xa0: {set_dir.name}")
    assert run_json("backup_verify", str(set_dir), "--tenant", "sainte-marie")[1]["error"]["code"] == "other_tenant"


@pytest.mark.django_db(transaction=True)
def test_a_known_backup_is_read_back_by_an_operation(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    code, document = run_json("backup_verify", "saint-paul", "--backup", backed_up[1], "--wait")
    assert (code, document["kind"], document["state"]) == (0, "verify", "succeeded")
    assert document["result"] == {"verified_backups": 1, "backup_ids": [backed_up[1]]}
    engine.fail("saint-paul", "run_job verify", times=1, code="artifact_missing")
    code, document = run_json("backup_verify", "saint-paul", "--wait")
    assert (code, document["error"]["code"]) == (1, "backups_not_good") and backed_up[1] in document["error"]["message"]


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_of_the_wrong_thing_is_refused(backed_up: tuple[Instance, str]) -> None:
    unknown = run_json("backup_verify", "saint-paul", "--backup", "20261121T080000Z-000000")
    assert (unknown[0], unknown[1]["error"]["code"]) == (1, "invalid_value")
    only = run_json("backup_verify", "saint-paul", "--tenant", "saint-paul")[1]["error"]
    assert (only["code"], only["params"]["field"]) == ("invalid_value", "tenant")
    assert run_json("backup_verify", "saint-jean")[1]["error"]["code"] == "not_found"
    assert run_json("backup_verify", "missing/directory")[1]["error"]["code"] == "file_unreadable"
    code, document = run_json("backup_verify", "saint-paul", "--dry-run")
    assert (code, document["parameters"]) == (0, {"backup_ids": [backed_up[1]]})
