"""Backup and restore beside the plain tools: `python -m bench.backup [--rows N] [--files-megabytes N] [--runs N]`.

Baseline, named in the output: `mariadb-dump | gzip -6` and `tar czf`, one after the other, without any check; for a
restore `zcat | mariadb` and `tar xzf`. Everything is run in pairs with the baseline; medians of time and of processor
seconds, and of the ratios of each pair, are printed.
"""

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import ParishDatabases
from tests.programs.workspace import Workspace, make_backup_id
from tests.servers import DATABASES, MariaDbServer, make_password

ROWS_PER_INSERT = 1000
SMALL_TABLES = 300
OURS = [f"{what} {codec}" for codec in ("gzip", "zstd") for what in ("backup", "verify", "restore")]


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
    server.execute(
        "ALTER TABLE civilog.log_contact MODIFY id INT, DROP PRIMARY KEY, DROP KEY name"
    )  # as CiviCRM's logs
    for number in range(SMALL_TABLES):
        server.execute(
            f"CREATE TABLE small_{number} (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(64), b INT, KEY (b))",
            f"INSERT INTO small_{number} (a, b) VALUES ('{words[number]}', {number}), (NULL, NULL)",
            database="civicrm" if number % 2 else "drupal",
        )
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


@dataclass
class Cost:
    """What one kind of work took: seconds, and processor seconds of its processes (not of the server), by run."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, work: Callable[[], None]) -> None:
        """Do it once more."""
        used, began = measure_cpu(), time.perf_counter()
        work()
        self.seconds.append(time.perf_counter() - began)
        self.cpu.append(measure_cpu() - used)

    def compare(self, base: "Cost") -> str:
        """The medians, and those of the ratios of runs that were done in pairs."""
        time_ratio = statistics.median(a / b for a, b in zip(self.seconds, base.seconds, strict=True))
        cpu_ratio = statistics.median(a / b for a, b in zip(self.cpu, base.cpu, strict=True))
        seconds, cpu = statistics.median(self.seconds), statistics.median(self.cpu)
        return f"{seconds:6.1f} s {time_ratio:5.2f}   {cpu:6.1f} s of CPU {cpu_ratio:5.2f}"


def measure_cpu() -> float:
    """Processor seconds of the processes that have ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_size(path: Path) -> int:
    """Return the bytes below `path`."""
    return sum(item.stat().st_size for item in path.rglob("*") if item.is_file())


def bench(workspace: Workspace, client: Path, *, runs: int) -> None:
    """Measure the baseline and ours in pairs, and print each with its ratio."""
    plain = workspace.home / "plain"
    plain.mkdir()
    dump = f"mariadb-dump --defaults-file={client} --single-transaction --hex-blob --databases {' '.join(DATABASES)}"
    backup = f"{dump} | gzip -6 > {plain}/dump.sql.gz; tar -C {workspace.home} -czf {plain}/files.tar.gz sites private"
    restore = (
        f"rm -rf {plain}/out; mkdir {plain}/out; zcat {plain}/dump.sql.gz | mariadb --defaults-file={client};"
        f" tar -C {plain}/out -xzf {plain}/files.tar.gz"
    )
    costs = {name: Cost() for name in ("backup", "restore", *OURS)}
    sizes: dict[str, int] = {}
    for number in range(runs):
        costs["backup"].measure(lambda: run_shell(backup))
        costs["restore"].measure(lambda: run_shell(restore))
        sizes["plain"] = measure_size(plain)
        for codec in ("gzip", "zstd"):
            name = make_backup_id()
            costs[f"backup {codec}"].measure(lambda c=codec, n=name: run(workspace, "backup", BACKUP_ID=n, CODEC=c))  # type: ignore[misc]
            target = str(workspace.backups / name)
            sizes[codec] = measure_size(workspace.backups / name)
            costs[f"verify {codec}"].measure(lambda t=target: run(workspace, "verify", SET_DIR=t))  # type: ignore[misc]
            costs[f"restore {codec}"].measure(lambda t=target: put_back(workspace, t))  # type: ignore[misc]
        say(f"pair {number + 1} of {runs}")
    for name, cost in costs.items():
        base = costs["restore" if name.startswith("restore") else "backup"]
        say(f"{name:14} {cost.compare(base)}")
    for codec in ("gzip", "zstd"):
        say(f"size {codec}: {sizes[codec] / sizes['plain']:4.2f}")


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
