"""Backup and restore beside the plain tools: `python -m bench.backup [--rows N] [--files-megabytes N] [--runs N]`.

Baseline, named in the output: `mariadb-dump | gzip -6` and `tar czf`, one after the other, without any check; for a
restore `zcat | mariadb` and `tar xzf`. Prints medians of the runs and their ratio to the baseline of the same session.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import ParishDatabases
from tests.programs.workspace import Workspace, make_backup_id
from tests.servers import DATABASES, MariaDbServer, make_password

ROWS_PER_INSERT = 1000


def say(text: str) -> None:
    """Print one line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def make_workspace(server: MariaDbServer, *, rows: int, megabytes: int) -> Workspace:
    """Return an instance with `rows` rows in the manner of CiviCRM, their log, and `megabytes` of uploads."""
    password = make_password()
    server.reset(password=password.replace("\\", "\\\\").replace("'", "\\'"))
    chance = random.Random(1)
    words = [chance.randbytes(4).hex() for _ in range(2000)]
    table = (
        "(id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(128), mail VARCHAR(128), note TEXT, at DATETIME, KEY (name))"
    )
    server.execute(f"CREATE TABLE contact {table}", database="civicrm")
    server.execute(f"CREATE TABLE log_contact {table}", database="civilog")
    server.execute("CREATE TABLE cache (id INT PRIMARY KEY AUTO_INCREMENT, data LONGTEXT)", database="drupal")
    for _ in range(rows // ROWS_PER_INSERT):
        values = ",".join(
            f"('{chance.choice(words)} {chance.choice(words)}','{chance.choice(words)}@example.org',"
            f"'{' '.join(chance.choices(words, k=12))}','2026-01-{chance.randrange(1, 28):02d} 10:00:00')"
            for _ in range(ROWS_PER_INSERT)
        )
        server.execute(f"INSERT INTO contact (name, mail, note, at) VALUES {values}", database="civicrm")
    server.execute("INSERT INTO civilog.log_contact SELECT * FROM civicrm.contact")
    server.execute("INSERT INTO drupal.cache (data) SELECT REPEAT(note, 20) FROM civicrm.contact WHERE id % 50 = 0")
    workspace = Workspace(ParishDatabases(server=server, user="exploitant", password=password))
    for number in range(megabytes):
        (workspace.files / f"upload-{number}.bin").write_bytes(chance.randbytes(1_000_000))
    return workspace


def write_client_file(workspace: Workspace, server: MariaDbServer) -> Path:
    """Write the baseline's option file."""
    assert workspace.databases is not None
    path = workspace.home / "client.cnf"
    escaped = workspace.databases.password.replace("\\", "\\\\").replace('"', '\\"')
    path.write_text(f'[client]\nuser=exploitant\npassword="{escaped}"\nhost=127.0.0.1\nport={server.port}\n')
    path.chmod(0o600)
    return path


def run_shell(script: str) -> None:
    """Run a line of the baseline; every stage must succeed."""
    subprocess.run(["bash", "-o", "pipefail", "-ec", script], check=True, timeout=3600)


def measure(work: Callable[[], None], *, runs: int) -> float:
    """Return the median seconds of `runs` runs."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def measure_size(path: Path) -> int:
    """Return the bytes below `path`."""
    return sum(item.stat().st_size for item in path.rglob("*") if item.is_file())


def bench(workspace: Workspace, client: Path, *, runs: int) -> None:
    """Measure the baseline, then ours, and print each with its ratio."""
    plain = workspace.home / "plain"
    plain.mkdir()
    dump = f"mariadb-dump --defaults-file={client} --single-transaction --hex-blob --databases {' '.join(DATABASES)}"
    backup = f"{dump} | gzip -6 > {plain}/dump.sql.gz; tar -C {workspace.home} -czf {plain}/files.tar.gz sites private"
    restore = (
        f"rm -rf {plain}/out; mkdir {plain}/out; zcat {plain}/dump.sql.gz | mariadb --defaults-file={client};"
        f" tar -C {plain}/out -xzf {plain}/files.tar.gz"
    )
    base = measure(lambda: run_shell(backup), runs=runs)
    base_bytes = measure_size(plain)
    base_restore = measure(lambda: run_shell(restore), runs=runs)
    say(f"baseline mariadb-dump | gzip -6, tar czf: {base:6.1f} s  1.00  {base_bytes / 1e6:8.1f} MB")
    say(f"baseline zcat | mariadb, tar xzf:         {base_restore:6.1f} s  1.00")
    for codec in ("gzip", "zstd"):
        names: list[str] = []
        taken = measure(lambda codec=codec, names=names: take(workspace, codec, names), runs=runs)  # type: ignore[misc]
        size = measure_size(workspace.backups / names[-1])
        say(f"backup {codec}:  {taken:6.1f} s  {taken / base:4.2f}  {size / 1e6:8.1f} MB  {size / base_bytes:4.2f}")
        target = str(workspace.backups / names[-1])
        checked = measure(lambda target=target: run(workspace, "verify", SET_DIR=target), runs=runs)  # type: ignore[misc]
        say(f"verify {codec}:  {checked:6.1f} s  {checked / base:4.2f} of the baseline's backup")
        back = measure(lambda target=target: put_back(workspace, target), runs=runs)  # type: ignore[misc]
        say(f"restore {codec}: {back:6.1f} s  {back / base_restore:4.2f}")


def take(workspace: Workspace, codec: str, names: list[str]) -> None:
    """Take one backup; note its name."""
    names.append(make_backup_id())
    run(workspace, "backup", BACKUP_ID=names[-1], CODEC=codec)


def put_back(workspace: Workspace, set_dir: str) -> None:
    """Restore one set in place."""
    run(workspace, "restore", SET_DIR=set_dir, EXPECTED_TENANT="saint-paul")


def run(workspace: Workspace, program: str, **env: str) -> None:
    """Run one program; raise SystemExit with what it says when it fails."""
    outcome = workspace.run(program, **env)
    if outcome.code != 0:
        raise SystemExit(f"{program}: {outcome.result} {outcome.stderr[-500:]}")


def main() -> None:
    """Make the data, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--files-megabytes", type=int, default=150)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    os.environ["TMPDIR"] = tempfile.gettempdir()
    server = MariaDbServer(options=["--innodb-buffer-pool-size=256M"])
    server.start()
    try:
        workspace = make_workspace(server, rows=asked.rows, megabytes=asked.files_megabytes)
        say(f"{asked.rows} rows twice, {asked.files_megabytes} MB of files, median of {asked.runs}")
        bench(workspace, write_client_file(workspace, server), runs=asked.runs)
        shutil.rmtree(workspace.home)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
