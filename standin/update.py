"""Bring an instance's data to another release: `python3 -m standin.update`. Stands in for the real images' `update`.

The instance's own servers are stopped meanwhile. May be repeated after being killed: what is done is found done.
Standard output: JSON lines with the progress; result: RESULT_FILE.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from typing import Any

from standin.init import MARKER, report
from standin.parameters import Parameters, WrongEnvironment, read_parameters
from standin.parish import DATABASES, make_update_statements
from standin.private_server import InitialisationFailed, PrivateServer

HINT = "Look at the job's log; the release and the data come back as they were."


def update(parameters: Parameters) -> dict[str, Any]:
    """Write the release's versions into the data, with a line in CiviCRM's log of jobs where they change it."""
    places, version = parameters.places, parameters.versions["civicrm"]
    began = time.monotonic()
    data = places.db_dir / "data"
    if not (places.db_dir / MARKER).exists() or not all((data / name).is_dir() for name in DATABASES):
        raise InitialisationFailed("instance_damaged", "there is no complete data to update")
    owner = {"user": parameters.db_user, "password": parameters.secrets["DB_PASSWORD"]}
    with PrivateServer(places, data, durable=True) as server:
        report(40, "updating the databases")
        before = server.run_sql("SELECT version FROM civicrm.civicrm_domain WHERE id = 1", **owner).strip()
        server.run_sql(make_update_statements(parameters), **owner)
        after = server.run_sql("SELECT version FROM civicrm.civicrm_domain WHERE id = 1", **owner).strip()
    if version and after != version:
        raise InitialisationFailed("update_incomplete", f"the version is {after!r}")
    report(100, "updated")
    seconds = round(time.monotonic() - began, 2)
    return {"ok": True, "version_before": before, "version": after, "duration_seconds": seconds}


def main() -> int:
    """Run, and write the result whatever happens."""
    try:
        parameters = read_parameters()
    except WrongEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    lock = os.open(parameters.places.db_dir / ".init.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        result = update(parameters)
    except InitialisationFailed as error:
        result = _make_failure(error.code, str(error))
    except BlockingIOError:
        result = _make_failure("init_running", "an initialisation or another update holds the volume")
    except (OSError, subprocess.TimeoutExpired) as error:
        text = error.strerror if isinstance(error, OSError) else "a program did not end in time"
        result = _make_failure("update_failed", f"{text}")
    parameters.places.result_file.write_text(json.dumps(result), encoding="utf-8")
    return 0 if result["ok"] else 1


def _make_failure(code: str, message: str) -> dict[str, Any]:
    sys.stderr.write(f"{code}: {message}\n")
    error = {"code": code, "message": message[:1000], "hint": HINT, "retryable": False, "params": {}}
    return {"ok": False, "error": error}


if __name__ == "__main__":
    sys.exit(main())
