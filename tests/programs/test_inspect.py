"""programs.inspect: what is missing is named, nothing is changed, and a proof takes the marker away."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from programs.inspect import MOST_SETS, inspect_data, list_sets, read_marker, remove_marker
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from tests.conftest import ParishDatabases
from tests.servers import find_free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(tmp_path: Path, parish_databases: ParishDatabases) -> Path:
    """Volumes beside three databases with a table each."""
    for name in ("sites/default", "backups", "work", "db"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("settings.php", "civicrm.settings.php"):
        (tmp_path / "sites" / "default" / name).write_text("<?php")
    (tmp_path / "password").write_text(parish_databases.password)
    server = parish_databases.server
    server.execute("CREATE TABLE civicrm.civicrm_domain (id INT, version VARCHAR(20))")
    server.execute("INSERT INTO civicrm.civicrm_domain VALUES (1, '5.61.1')")
    server.execute("CREATE TABLE drupal.node (id INT)", "CREATE TABLE civilog.log (id INT)")
    return tmp_path


def run(place: Path, databases: ParishDatabases, **environment: str) -> tuple[int, dict[str, Any]]:
    result = place / "result.json"
    variables = {
        "PATH": os.environ["PATH"],
        "RESULT_FILE": str(result),
        "WORK_DIR": str(place / "work"),
        "FILES_DIR": str(place / "sites"),
        "BACKUPS_DIR": str(place / "backups"),
        "DB_HOST": databases.server.host,
        "DB_PORT": str(databases.server.port),
        "DATABASES": "civicrm drupal civilog",
        "DB_USER": databases.user,
        "DB_PASSWORD_FILE": str(place / "password"),
        "MARKER_FILE": str(place / "db" / "init-begun"),
        **environment,
    }
    command = [sys.executable, "-m", "programs.inspect"]
    answer = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, timeout=120, check=False)
    return answer.returncode, json.loads(result.read_text())


def put_set(place: Path, name: str, *, whole: bool = True) -> None:
    (place / "backups" / name).mkdir()
    if whole:
        (place / "backups" / name / "manifest.json").write_text("{}")


def test_a_complete_instance_is_told_with_its_version_and_its_sets(
    place: Path, parish_databases: ParishDatabases
) -> None:
    put_set(place, "20261121T080000Z-5f3a9c")
    put_set(place, "20261122T080000Z-5f3a9c", whole=False)
    put_set(place, ".trash-20261120T080000Z-5f3a9c")
    code, result = run(place, parish_databases)
    assert code == 0 and result.pop("duration_seconds") >= 0, result
    assert result == {
        "ok": True,
        "look": "all",
        "complete": True,
        "missing": [],
        "tables": {"civicrm": 1, "drupal": 1, "civilog": 1},
        "civicrm_version": "5.61.1",
        "sets": "20261121T080000Z-5f3a9c",
        "sets_total": 1,
    }
    assert os.listdir(place / "work") == []


def test_what_is_missing_is_named_and_the_marker_stays(place: Path, parish_databases: ParishDatabases) -> None:
    marker = place / "db" / "init-begun"
    marker.touch()
    parish_databases.server.execute("DROP TABLE civilog.log")
    (place / "sites" / "default" / "civicrm.settings.php").unlink()
    code, result = run(place, parish_databases, LOOK="data", PROVE="1")
    assert (code, result["ok"], result["complete"]) == (0, True, False)
    assert result["missing"] == ["tables of civilog", "civicrm.settings.php"]
    assert marker.exists() and "sets" not in result


def test_a_proof_takes_the_marker_away_and_only_a_proof_does(place: Path, parish_databases: ParishDatabases) -> None:
    marker = place / "db" / "init-begun"
    marker.touch()
    assert run(place, parish_databases, LOOK="data")[1]["complete"] and marker.exists()
    assert run(place, parish_databases, LOOK="data", PROVE="1")[1]["complete"] and not marker.exists()
    assert run(place, parish_databases, LOOK="data", PROVE="1")[0] == 0


def test_sets_are_listed_without_a_server(place: Path, parish_databases: ParishDatabases) -> None:
    put_set(place, "20261121T080000Z-5f3a9c")
    code, result = run(place, parish_databases, LOOK="sets", DB_PORT=str(find_free_port()))
    assert (code, result["sets"], result["sets_total"]) == (0, "20261121T080000Z-5f3a9c", 1)


def test_many_sets_fit_into_a_result_the_newest_first_kept(place: Path, parish_databases: ParishDatabases) -> None:
    names = [f"20261121T{number:06}Z-5f3a9c" for number in range(MOST_SETS + 5)]
    for name in names:
        put_set(place, name)
    result = run(place, parish_databases, LOOK="sets")[1]
    assert result["sets"].split() == names[-MOST_SETS:] and result["sets_total"] == len(names)
    assert list_sets(place / "backups") == names


def test_a_version_that_is_not_there_is_empty(place: Path, parish_databases: ParishDatabases) -> None:
    parish_databases.server.execute("TRUNCATE civicrm.civicrm_domain")
    assert run(place, parish_databases, LOOK="data")[1]["civicrm_version"] == ""
    parish_databases.server.execute("ALTER TABLE civicrm.civicrm_domain DROP COLUMN version")
    assert run(place, parish_databases, LOOK="data")[1]["civicrm_version"] == ""


def test_a_server_that_does_not_answer_is_waited_for_and_then_told(
    place: Path, parish_databases: ParishDatabases
) -> None:
    access = ServerAccess("127.0.0.1", find_free_port(), "exploitant", "x", parish_databases.names)
    with pytest.raises(ProgramError) as raised:
        inspect_data(access, place / "sites", scratch=place / "work", seconds=0)
    assert raised.value.code == "database_unreachable"


def test_a_refused_account_is_not_waited_for(place: Path, parish_databases: ParishDatabases) -> None:
    (place / "password").write_text("wrong")
    code, result = run(place, parish_databases, LOOK="data")
    assert (code, result["error"]["code"]) == (1, "database_refused")


@pytest.mark.parametrize(
    "environment",
    [{"LOOK": "x"}, {"PROVE": "2"}, {"PROVE": "1", "MARKER_FILE": "x"}, {"PROVE": "1", "MARKER_FILE": ""}],
)
def test_a_wrong_environment_is_refused(
    place: Path, parish_databases: ParishDatabases, environment: dict[str, str]
) -> None:
    code, result = run(place, parish_databases, **environment)
    assert (code, result["error"]["code"]) == (2, "environment_invalid")


def test_without_anything_to_prove_there_is_no_marker(tmp_path: Path) -> None:
    assert read_marker({"MARKER_FILE": str(tmp_path / "x")}) is None
    assert read_marker({"PROVE": "1", "MARKER_FILE": str(tmp_path / "x")}) == tmp_path / "x"
    remove_marker(tmp_path / "x")


def test_a_look_at_room_tells_volumes_and_that_rows_are_taken(place: Path, parish_databases: ParishDatabases) -> None:
    volumes = {"db": str(place / "db"), "files": str(place / "sites")}
    code, result = run(place, parish_databases, LOOK="room", VOLUMES=json.dumps(volumes))
    assert code == 0 and result["write_error"] == ""
    assert set(result["volumes"]) == {"db", "files"} and result["volumes"]["db"]["total"] > 0
