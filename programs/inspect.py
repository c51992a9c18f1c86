"""Look at an instance and change nothing: `python3 -m programs.inspect`. LOOK=data, sets, all (both) or room.

data: whether the initial data is complete (the server answers, each database has tables, both settings files are
there); what is missing is reported, not an error. sets: the complete sets of the backup volume. room: how full each
volume is, and whether the database takes a row (programs/fullness.py).
PROVE=1: once the data is complete, the marker that `prepare` left beside it is removed (programs/prepare.py).
"""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from programs.databases.client import Client, quote_name, quote_text
from programs.fullness import observe_room
from programs.run.durable import sync_directory
from programs.run.environment import (
    BACKUP_ID,
    Environment,
    ServerAccess,
    make_environment_error,
    read_choice,
    read_directory,
    read_server,
)
from programs.run.failures import ProgramError, Summary, report_progress, run_program

LOOKS = ("data", "sets", "all", "room")
SETTINGS_FILES = ("settings.php", "civicrm.settings.php")
# The result holds 4 KiB; an identifier takes 24 bytes.
MOST_SETS = 120
# A Service leads to a server some moments after the server is ready.
ANSWER_SECONDS = 90.0
POLL_SECONDS = 1.0


def count_tables(client: Client, databases: tuple[str, ...]) -> dict[str, int]:
    """Number of tables of each database; 0 for one that is not there."""
    names = ", ".join(map(quote_text, databases))
    rows = client.query(
        ["TABLE_SCHEMA", "COUNT(*)"],
        "FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE'"
        f" AND TABLE_SCHEMA IN ({names}) GROUP BY TABLE_SCHEMA",
    )
    found = {name: int(count or 0) for name, count in rows}
    return {name: found.get(name, 0) for name in databases}


def read_civicrm_version(client: Client, database: str) -> str:
    """CiviCRM's version as its own data says it; "" when it has no such table or no row."""
    where = f"TABLE_SCHEMA = {quote_text(database)} AND TABLE_NAME = 'civicrm_domain' AND COLUMN_NAME = 'version'"
    if not client.query(["COLUMN_NAME"], f"FROM information_schema.COLUMNS WHERE {where}"):
        return ""
    rows = client.query(["version"], f"FROM {quote_name(database)}.civicrm_domain ORDER BY id LIMIT 1")
    return (rows[0][0] or "") if rows else ""


def wait_for_server(client: Client, *, seconds: float) -> None:
    """Return once the server lets the account in. Raise ProgramError when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            client.query(["1"], "")
            return
        except ProgramError as error:
            if not error.retryable or time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def inspect_data(server: ServerAccess, files_dir: Path, *, scratch: Path, seconds: float = ANSWER_SECONDS) -> Summary:
    """What there is of the initial data, `missing` naming what is not."""
    client = Client(server, scratch=scratch)
    wait_for_server(client, seconds=seconds)
    report_progress(40, "the database server answers")
    tables = count_tables(client, server.databases)
    files = [name for name in SETTINGS_FILES if not (files_dir / "default" / name).is_file()]
    missing = [f"tables of {name}" for name, count in tables.items() if count == 0] + files
    version = read_civicrm_version(client, server.databases[0])
    return {"complete": not missing, "missing": missing, "tables": tables, "civicrm_version": version}


def list_sets(backups_dir: Path) -> list[str]:
    """The complete sets, oldest first: a set without manifest is no backup."""
    names = sorted(name for name in os.listdir(backups_dir) if BACKUP_ID.fullmatch(name))
    return [name for name in names if (backups_dir / name / "manifest.json").is_file()]


def remove_marker(path: Path) -> None:
    """Remove the marker of an init that was not proven; one that is not there is removed already."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    sync_directory(path.parent)


def read_marker(env: Environment) -> Path | None:
    """The marker to remove, None when nothing is to be proven."""
    if read_choice(env, "PROVE", choices=("0", "1"), default="0") == "0":
        return None
    text = env.get("MARKER_FILE") or ""
    if not text.startswith("/") or not os.path.isdir(os.path.dirname(text)):
        raise make_environment_error("MARKER_FILE", "the absolute path of a file in an existing directory")
    return Path(text)


def main(env: Mapping[str, str]) -> Summary:
    """Look at what the environment asks for."""
    look = read_choice(env, "LOOK", choices=LOOKS, default="all")
    marker = read_marker(env)
    summary: Summary = {"look": look}
    if look == "room":
        server, backups_dir = read_server(env), read_directory(env, "BACKUPS_DIR", default="/backups")
        with tempfile.TemporaryDirectory(prefix="inspect-", dir=read_directory(env, "WORK_DIR")) as scratch:
            return summary | observe_room(env, Client(server, scratch=Path(scratch)), backups_dir)
    if look != "sets":
        server, files_dir = read_server(env), read_directory(env, "FILES_DIR", default="/app/web/sites")
        with tempfile.TemporaryDirectory(prefix="inspect-", dir=read_directory(env, "WORK_DIR")) as scratch:
            summary |= inspect_data(server, files_dir, scratch=Path(scratch))
        if marker is not None and summary["complete"]:
            remove_marker(marker)
    if look != "data":
        sets = list_sets(read_directory(env, "BACKUPS_DIR", default="/backups"))
        summary |= {"sets": " ".join(sets[-MOST_SETS:]), "sets_total": len(sets)}
    report_progress(100, "looked at")
    return summary


if __name__ == "__main__":
    sys.exit(run_program(main))
