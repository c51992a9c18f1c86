"""A consistent copy of the manager's database, what it holds, and the way back. SQLite, and MySQL or MariaDB."""

import contextlib
import hashlib
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import CiviparoisseError

SECONDS = 3600
SQLITE, SQL = "database.sqlite3", "database.sql"
# One row a line (--skip-extended-insert): names are quoted, and a line break inside a value is written as \n.
INSERT = re.compile(rb"INSERT INTO `((?:[^`]|``)+)` ")
DUMP_OPTIONS = (
    "--single-transaction",
    "--quick",
    "--routines",
    "--triggers",
    "--hex-blob",
    "--no-tablespaces",
    "--skip-extended-insert",
    "--order-by-primary",
    "--skip-dump-date",
    "--default-character-set=utf8mb4",
)
DUMP_END = b"-- Dump completed"

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseCopy:
    """A copy that was read to its end. `tables`: table -> (rows, sha256 of them)."""

    path: Path
    tables: Mapping[str, tuple[int, str]]


def copy_database(database: Settings, directory: Path) -> DatabaseCopy:
    """Copy the database of a Django setting into a private file of `directory`, as it was at one moment, and check the
    copy. Raise CiviparoisseError `manager_database_damaged` or `manager_dump_failed`."""
    if database["ENGINE"].endswith("sqlite3"):
        path = _make_private(directory / SQLITE)
        with contextlib.closing(sqlite3.connect(path)) as copy:
            with contextlib.closing(_connect_read_only(Path(database["NAME"]))) as source:
                source.backup(copy)
            # One file that is whole by itself, whatever the journal of the original is.
            copy.execute("PRAGMA journal_mode=DELETE")
        return DatabaseCopy(path=path, tables=read_sqlite(path))
    path = _make_private(directory / SQL)
    with path.open("wb") as file:
        _run_client("dump", database, directory, [*DUMP_OPTIONS, database["NAME"]], stdout=file)
    return DatabaseCopy(path=path, tables=read_dump(path))


def _connect_read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=60)


def _make_private(path: Path) -> Path:
    path.touch(mode=0o600)
    return path


def read_sqlite(path: Path) -> dict[str, tuple[int, str]]:
    """Return the rows and their sha256 of every table of a file. Raise CiviparoisseError `manager_database_damaged`."""
    try:
        with contextlib.closing(_connect_read_only(path)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check")]
            if found != ["ok"]:
                raise CiviparoisseError("manager_database_damaged", detail=str(found[0])[:200])
            names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            own = sorted(name for name in names if not name.startswith("sqlite_"))
            return {name: _hash_rows(database, name) for name in own}
    except sqlite3.DatabaseError as error:
        raise CiviparoisseError("manager_database_damaged", detail=str(error)[:200]) from error


def _hash_rows(database: sqlite3.Connection, table: str) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    quoted = table.replace('"', '""')
    for row in database.execute(f'SELECT * FROM "{quoted}" ORDER BY rowid'):
        digest.update(repr(row).encode())
        rows += 1
    return rows, digest.hexdigest()


def read_dump(path: Path) -> dict[str, tuple[int, str]]:
    """Return the rows and their sha256 of every table of a dump. Raise CiviparoisseError `manager_dump_failed` for one
    that was cut short."""
    digests: dict[str, Any] = {}
    rows: dict[str, int] = {}
    last = b""
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b"CREATE TABLE `"):
                name = line.split(b"`")[1].decode()
                digests[name], rows[name] = hashlib.sha256(), 0
            elif match := INSERT.match(line):
                name = match.group(1).replace(b"``", b"`").decode()
                digests[name].update(line)
                rows[name] += 1
            last = line if line.strip() else last
    if not last.startswith(DUMP_END):
        raise CiviparoisseError("manager_dump_failed", detail="the dump has no end")
    return {name: (rows[name], digest.hexdigest()) for name, digest in sorted(digests.items())}


def holds_work(database: Settings, directory: Path) -> bool:
    """Return whether somebody has worked with that database: parishes, accounts, clusters or destinations are in it.

    `directory`: private, for the password. One that is not there, or empty, holds nothing."""
    names = ("tenants_tenant", "auth_user", "clusters_cluster", "offsite_destination")
    if database["ENGINE"].endswith("sqlite3"):
        path = Path(database["NAME"])
        if not path.exists() or not path.stat().st_size:
            return False
        return any(rows for name, (rows, _sha256) in read_sqlite(path).items() if name in names)
    # On a server that is new the database itself is not there yet.
    nowhere = {**database, "NAME": "information_schema"}
    place = "'" + database["NAME"].replace("\\", "\\\\").replace("'", "''") + "'"
    question = f"SELECT table_name FROM tables WHERE table_schema = {place}"
    present = _ask(nowhere, directory, question).split()
    return any(_ask(database, directory, f"SELECT 1 FROM {name} LIMIT 1").strip() for name in names if name in present)


def _ask(database: Settings, directory: Path, question: str) -> str:
    answer = directory / "answer"
    with answer.open("wb") as file:
        _run_client("client", database, directory, ["-N", "-B", "-e", question, database["NAME"]], stdout=file)
    return answer.read_text()


def put_back(database: Settings, copy: Path, directory: Path) -> None:
    """Make the database what a copy says. SQLite: the file takes its place at once; others: everything in it goes
    first. Raise CiviparoisseError `manager_dump_failed`."""
    if database["ENGINE"].endswith("sqlite3"):
        target = Path(database["NAME"])
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for journal in ("-wal", "-shm"):
            Path(f"{target}{journal}").unlink(missing_ok=True)
        copy.chmod(0o600)
        shutil.move(copy, target)
        return
    name = database["NAME"].replace("`", "``")
    anew = f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}` CHARACTER SET utf8mb4"
    _ask({**database, "NAME": "information_schema"}, directory, anew)
    with copy.open("rb") as file, (directory / "answer").open("wb") as answer:
        _run_client("client", database, directory, [database["NAME"]], stdin=file, stdout=answer)


def _run_client(kind: str, database: Settings, directory: Path, arguments: list[str], **streams: Any) -> None:
    """Run the dump program or the client; the password goes by a private file."""
    names = {"dump": ("mariadb-dump", "mysqldump"), "client": ("mariadb", "mysql")}[kind]
    program = next((found for found in map(shutil.which, names) if found), None)
    if program is None:
        raise CiviparoisseError("missing_program", program=names[0], package="mariadb-client")
    with _write_options(database, directory, is_mariadb=Path(program).name.startswith("mariadb")) as options:
        command = [program, f"--defaults-extra-file={options}", *arguments]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=SECONDS, check=False, **streams)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").replace(str(database["PASSWORD"] or "\0"), "•••")
        raise CiviparoisseError("manager_dump_failed", detail=said.strip()[-300:])


def make_tls_options(options: Mapping[str, Any], *, is_mariadb: bool) -> list[str]:
    """Return the lines of a client's options that ask for the TLS of a Django setting: MariaDB's clients and MySQL's
    say it differently, and neither takes the other's words."""
    names = {"ssl_ca": "ssl-ca", "ssl_cert": "ssl-cert", "ssl_key": "ssl-key"}
    files = [f'{names[name]}="{options[name]}"' for name in names if options.get(name)]
    if options.get("ssl_verify_identity"):
        return [*files, "ssl-verify-server-cert" if is_mariadb else "ssl-mode=VERIFY_IDENTITY"]
    if options.get("ssl_disabled"):
        return ["skip-ssl" if is_mariadb else "ssl-mode=DISABLED"]
    return files


@contextlib.contextmanager
def _write_options(database: Settings, directory: Path, *, is_mariadb: bool) -> Iterator[Path]:
    path = _make_private(directory / "client.cnf")
    password = str(database["PASSWORD"]).replace("\\", "\\\\").replace('"', '\\"')
    lines = [f'host="{database["HOST"]}"', f"port={database['PORT']}", f'user="{database["USER"]}"']
    tls = make_tls_options(database.get("OPTIONS", {}), is_mariadb=is_mariadb)
    path.write_text("\n".join(["[client]", *lines, f'password="{password}"', "protocol=TCP", *tls, ""]))
    try:
        yield path
    finally:
        path.unlink()
