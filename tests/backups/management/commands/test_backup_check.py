"""backup_check: what Nagios is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backups.models import Backup
from domain.states import InstanceState
from tenants.models import Instance
from tests.backups.commands import run_command, run_json
from tests.backups.conftest import MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[4]


def age(instance: Instance, hours: float) -> None:
    """Make the instance's only backup that old."""
    row = make_backup_row(instance, hours_ago=hours)
    began = row.started_at
    row.delete()
    Backup.objects.filter(instance=instance).update(started_at=began)


@pytest.mark.parametrize(("hours", "code", "level"), [(1, 0, "OK"), (27, 1, "WARNING"), (51, 2, "CRITICAL")])
def test_the_age_is_the_exit_code(backed_up: tuple[Instance, str], hours: float, code: int, level: str) -> None:
    age(backed_up[0], hours)
    assert run_json("backup_check")[0] == code
    assert run_json("backup_check", "saint-paul")[1]["level"] == level
    found, text = run_command("backup_check")
    assert found == code
    assert text.startswith(f"{level} saint-paul: ")


def test_a_line_per_parish_and_the_worst_as_exit_code(
    engine: FakeEngine, backed_up: tuple[Instance, str], make_instance: MakeInstance
) -> None:
    make_instance("sainte-marie")
    code, text = run_command("backup_check")
    assert code == 3
    assert [line.split(":")[0] for line in text.strip().splitlines()] == ["OK saint-paul", "UNKNOWN sainte-marie"]
    engine.lose_set("saint-paul", backed_up[1])
    assert run_command("backup_check")[0] == 2


def test_what_cannot_be_told_is_unknown(make_instance: MakeInstance) -> None:
    assert run_json("backup_check")[0] == 3
    assert run_json("backup_check", "nobody")[0] == 3
    make_instance(state=InstanceState.NEW)
    assert run_json("backup_check", "saint-paul")[0] == 3


def test_without_a_database_it_is_unknown_and_no_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "CIVIPAROISSE_SQLITE_PATH": str(tmp_path / "missing" / "manager.sqlite3")}
    command = [sys.executable, str(ROOT / "manage.py"), "backup_check", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["level"] == "UNKNOWN"
    assert "Traceback" not in done.stderr


def test_a_wrong_command_line_is_unknown_and_not_critical() -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "backup_check", "--no-such-flag", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (3, "command_line_invalid")
