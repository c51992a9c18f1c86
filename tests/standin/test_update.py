"""The stand-in's update: another version in the data, once, on a whole instance only."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from standin.init import initialise
from standin.parameters import Parameters, read_parameters
from standin.private_server import PrivateServer
from tests.servers import die_with_parent
from tests.standin.site import make_environment

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 300


def run_update(environment: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Return the program's exit code and its result."""
    ended = subprocess.run(
        [sys.executable, "-m", "standin.update"],
        cwd=ROOT,
        env=environment | {"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=RUN_SECONDS,
        preexec_fn=die_with_parent,
        check=False,
    )
    return ended.returncode, json.loads(Path(environment["RESULT_FILE"]).read_text())


def read_rows(parameters: Parameters, sql: str) -> list[str]:
    """Return what the instance's own account reads in its data."""
    with PrivateServer(parameters.places, parameters.places.db_dir / "data") as server:
        password = parameters.secrets["DB_PASSWORD"]
        return server.run_sql(sql, user=parameters.db_user, password=password).splitlines()


def test_the_versions_change_once_and_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    initialise(read_parameters(environment))
    later = environment | {"CIVICRM_VERSION": "5.62.0", "DRUPAL_VERSION": "9.5.10"}
    code, result = run_update(later)
    assert (code, result["version_before"], result["version"]) == (0, "5.61.1", "5.62.0"), result
    code, result = run_update(later)
    assert (code, result["version_before"], result["version"]) == (0, "5.62.0", "5.62.0")
    # Longer than its column: the server refuses, and nothing of it stays.
    code, result = run_update(later | {"CIVICRM_VERSION": "6." * 30, "DRUPAL_VERSION": "10.0"})
    assert (code, result["error"]["code"], result["error"]["retryable"]) == (1, "statement_failed", False)
    parameters = read_parameters(environment)
    told = read_rows(
        parameters,
        "SELECT version FROM civicrm.civicrm_domain;"
        " SELECT description FROM civicrm.civicrm_job_log WHERE name = 'upgrade';"
        " SELECT value FROM drupal.key_value WHERE name = 'civiparoisse.drupal_version'",
    )
    assert told == ["5.62.0", "From 5.61.1 to 5.62.0", 's:6:"9.5.10";']


def test_an_instance_that_is_not_whole_is_not_touched(tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    code, result = run_update(environment)
    assert (code, result["error"]["code"]) == (1, "instance_damaged")
    assert sorted(path.name for path in (tmp_path / "db").iterdir()) == [".init.lock"]
