"""Give a new instance its first data: `python3 -m standin.init`. Stands in for the real images' `init`.

The marker is written last, once what was made has been checked; without it everything starts again from zero, and
with it nothing is ever wiped (docs/traps.md#half-failed-init). Standard output: JSON lines with the progress.
Result: RESULT_FILE.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standin.files import write_site_files
from standin.parameters import Parameters, Places, WrongEnvironment, read_parameters
from standin.parish import DATABASES, make_account_statements, make_drupal_statements, make_parish_statements
from standin.private_server import InitialisationFailed, PrivateServer, install_data_directory

SCHEMA = Path(__file__).resolve().parent / "schema"
MARKER = "initialised.json"


def report(progress: int, message: str) -> None:
    """Tell how far it is, as one JSON line."""
    sys.stdout.write(json.dumps({"progress": progress, "message": message}) + "\n")
    sys.stdout.flush()


def empty(directory: Path) -> None:
    """Remove everything inside a volume but the file system's own lost+found (docs/traps.md#lostfound) and our lock."""
    for entry in directory.iterdir():
        if entry.name in ("lost+found", ".init.lock"):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def fill_databases(parameters: Parameters, data: Path) -> dict[str, int]:
    """Make the databases, accounts, schema and the parish's rows in `data`; return the number of tables of each."""
    install_data_directory(parameters.places, data)
    report(30, "data directory ready")
    owner = {"user": parameters.db_user, "password": parameters.secrets["DB_PASSWORD"]}
    with PrivateServer(parameters.places, data) as server:
        server.run_sql(make_account_statements(parameters), user="root", password="")
        report(50, "accounts ready")
        for database in ("civilog", "drupal", "civicrm"):
            server.run_sql((SCHEMA / f"{database}.sql").read_text(encoding="utf-8"), database=database, **owner)
        server.run_sql(make_parish_statements(parameters), database="civicrm", **owner)
        server.run_sql(make_drupal_statements(parameters), database="drupal", **owner)
        report(70, "databases ready")
        counts = server.run_sql(
            "SELECT table_schema, COUNT(*) FROM information_schema.tables GROUP BY table_schema", **owner
        )
        rows = dict(line.split("\t") for line in counts.splitlines())
        tables = {database: int(rows.get(database, 0)) for database in DATABASES}
        name = server.run_sql("SELECT HEX(name) FROM civicrm.civicrm_domain", **owner).strip()
    if not all(tables.values()) or bytes.fromhex(name).decode() != parameters.parish["PAROISSE_NAME"]:
        raise InitialisationFailed("initialisation_incomplete", f"tables found: {tables}")
    return tables


def initialise(parameters: Parameters) -> dict[str, Any]:
    """Make everything, or find it made. Return the summary."""
    places = parameters.places
    began = time.monotonic()
    if (places.db_dir / MARKER).exists():
        return _check_marked(places)
    report(5, "starting from empty volumes")
    for volume in (places.db_dir, places.files_dir, places.private_dir):
        empty(volume)
    tables = fill_databases(parameters, places.db_dir / "data.partial")
    report(80, "writing the site's files")
    write_site_files(parameters)
    (places.db_dir / "data.partial").rename(places.db_dir / "data")
    _write_marker(places.db_dir, {"tables": tables, "versions": dict(parameters.versions)})
    report(100, "initialised")
    return {"ok": True, "tables": tables, "duration_seconds": round(time.monotonic() - began, 2)}


def _check_marked(places: Places) -> dict[str, Any]:
    needed = [places.db_dir / "data" / name for name in DATABASES]
    needed += [places.files_dir / "default" / name for name in ("settings.php", "civicrm.settings.php")]
    if lost := [str(path) for path in needed if not path.exists()]:
        raise InitialisationFailed("instance_damaged", f"initialised once, and now missing: {', '.join(lost)}")
    return {"ok": True, "already": True}


def _write_marker(directory: Path, content: Mapping[str, Any]) -> None:
    partial = directory / f"{MARKER}.partial"
    with partial.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(directory / MARKER)
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def main() -> int:
    """Run, and write the result whatever happens."""
    try:
        parameters = read_parameters()
    except WrongEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    hint = "Look at the job's log, then ask again: it starts from zero."
    lock = os.open(parameters.places.db_dir / ".init.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        result = initialise(parameters)
    except InitialisationFailed as error:
        if error.code == "instance_damaged":
            hint = "Restore a backup of this instance."
        result = _make_failure(error.code, str(error), hint)
    except BlockingIOError:
        result = _make_failure("init_running", "another initialisation holds the volume", "Wait until it ends.")
    except (OSError, subprocess.TimeoutExpired) as error:
        text = error.strerror if isinstance(error, OSError) else "a program did not end in time"
        result = _make_failure("initialisation_failed", f"{text}", hint)
    parameters.places.result_file.write_text(json.dumps(result), encoding="utf-8")
    return 0 if result["ok"] else 1


def _make_failure(code: str, message: str, hint: str) -> dict[str, Any]:
    sys.stderr.write(f"{code}: {message}\n")
    error = {"code": code, "message": message[:1000], "hint": hint, "retryable": True, "params": {}}
    return {"ok": False, "error": error}


if __name__ == "__main__":
    sys.exit(main())
