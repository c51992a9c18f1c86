"""What a restore would change, on a large database: `python -m bench.preview [--megabytes 300] [--runs N]`.

A site with contacts, contributions, activities with their texts and what else is counted, on a server of its own.
Measured is the program that a preview runs for the side of now (`programs.figures`: the client, one snapshot, every
figure, with what was entered since), with an account that may only SELECT; and a backup with and without figures.

Baseline, named in the output: the vendor's own dump program on the same three databases, into nothing. Prints medians,
the ratio to the baseline of the same run, and whether the account may write (it must not).
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pymysql

from tests.conftest import ParishDatabases
from tests.programs.civicrm_tables import CIVICRM, DRUPAL, DRUPAL_ROWS, FIGURES
from tests.programs.workspace import Workspace, make_backup_id
from tests.servers import DATABASES, MariaDbServer, make_password

ROWS_PER_INSERT = 500
NOTE_BYTES = 1500
SINCE = '{"at": 1, "last": {"contacts": 1, "contributions": 1, "activities": 1}}'


def say(text: str) -> None:
    """Print one line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def make_site(server: MariaDbServer, *, megabytes: int) -> Workspace:
    """Return a workspace whose databases hold about so much."""
    password = make_password()
    server.reset(password=password.replace("\\", "\\\\").replace("'", "\\'"))
    server.execute(*CIVICRM, database="civicrm")
    server.execute(*DRUPAL, *DRUPAL_ROWS, database="drupal")
    chance = random.Random(1)
    words = [chance.randbytes(4).hex() for _ in range(2000)]
    for _ in range(megabytes * 1_000_000 // (NOTE_BYTES + 100) // ROWS_PER_INSERT):
        notes = (" ".join(chance.choices(words, k=NOTE_BYTES // 9)) for _ in range(ROWS_PER_INSERT))
        people = ",".join(f"('Individual','{chance.choice(words)}')" for _ in range(ROWS_PER_INSERT // 5))
        gifts = ",".join(f"({chance.randrange(500, 90_000) / 100},1)" for _ in range(ROWS_PER_INSERT // 2))
        server.execute(
            f"INSERT INTO civicrm_activity (subject, details) VALUES {','.join(f'(1,{note!r})' for note in notes)}",
            f"INSERT INTO civicrm_contact (contact_type, display_name) VALUES {people}",
            f"INSERT INTO civicrm_contribution (total_amount, contribution_status_id) VALUES {gifts}",
            database="civicrm",
        )
    return Workspace(ParishDatabases(server=server, user="exploitant", password=password))


def measure_megabytes(server: MariaDbServer) -> float:
    """Return what the three databases take."""
    names = ",".join(f"'{name}'" for name in DATABASES)
    tables = f"FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ({names})"
    server.execute(*(f"ANALYZE TABLE civicrm.civicrm_{name}" for name in ("activity", "contact", "contribution")))
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT SUM(DATA_LENGTH + INDEX_LENGTH) {tables}")
        return float(cursor.fetchall()[0][0]) / 1_000_000


def make_reader(workspace: Workspace) -> dict[str, str]:
    """Make an account that may only SELECT; return how a program signs in as it."""
    assert workspace.databases is not None
    grants = [f"GRANT SELECT ON {name}.* TO 'reader'@'%'" for name in DATABASES]
    workspace.databases.server.execute("CREATE OR REPLACE USER 'reader'@'%' IDENTIFIED BY 'read'", *grants)
    (workspace.home / "reader").write_text("read")
    return {"DB_USER": "reader", "DB_PASSWORD_FILE": str(workspace.home / "reader")}


def may_write(server: MariaDbServer) -> bool:
    """Tell whether the reader may change a row."""
    with pymysql.connect(host=server.host, port=server.port, user="reader", password="read") as connection:
        try:
            connection.cursor().execute("DELETE FROM civicrm.civicrm_contact WHERE id = 1")
        except pymysql.MySQLError:
            return False
    return True


def dump(workspace: Workspace) -> None:
    """The baseline: the dump program as everybody calls it, its output thrown away."""
    assert workspace.databases is not None
    server = workspace.databases.server
    command = ["mariadb-dump", "--no-defaults", f"--socket={server.socket}", "--user=root", "--single-transaction"]
    subprocess.run([*command, "--databases", *DATABASES], stdout=subprocess.DEVNULL, check=True)


def run(workspace: Workspace, program: str, **changes: str) -> dict[str, object]:
    """Run a program of ours to its end, which must be good."""
    outcome = workspace.run(program, **changes)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    return outcome.result


def measure(action: Callable[[], object]) -> float:
    """Return how long it took, in seconds."""
    began = time.monotonic()
    action()
    return time.monotonic() - began


def main() -> None:
    """Make the site, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    server = MariaDbServer()
    try:
        server.start()
        workspace = make_site(server, megabytes=asked.megabytes)
        reader = make_reader(workspace)
        say(f"database: {measure_megabytes(server):.0f} MB; the account may write: {may_write(server)}")
        actions: dict[str, Callable[[], object]] = {
            "baseline: mariadb-dump into nothing": lambda: dump(workspace),
            "figures, by an account that may only SELECT": lambda: run(
                workspace, "figures", FIGURES=FIGURES, SINCE=SINCE, **reader
            ),
            "backup without figures": lambda: run(workspace, "backup", BACKUP_ID=make_backup_id()),
            "backup with figures": lambda: run(workspace, "backup", BACKUP_ID=make_backup_id(), FIGURES=FIGURES),
        }
        times: dict[str, list[float]] = {name: [] for name in actions}
        for _ in range(asked.runs):
            for name, action in actions.items():
                times[name].append(measure(action))
        base = times[next(iter(actions))]
        for name, taken in times.items():
            ratio = statistics.median(one / of for one, of in zip(taken, base, strict=True))
            say(f"{name}: {statistics.median(taken):.2f} s, {ratio:.2f} of the baseline")
        workspace.remove()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
