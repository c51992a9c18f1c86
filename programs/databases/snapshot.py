"""A second look at the very snapshot of a dump: checksums of what its tables hold, and rows that a dump rounds.

The dump's own text cannot be asked for a FLOAT with all its digits, nor what a table held. A session of ours begins its
snapshot while all tables are locked for reading, and the lock is let go once the dump has begun its own: both see the
same. The lock is asked for with a short wait, so that a site never stands still behind somebody's open transaction.
"""

import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from programs.databases.client import Client, Vendor, quote_name
from programs.databases.columns import Column, make_checksum, observe_special_tables, select_inexact
from programs.databases.exact_rows import format_row, make_row_query
from programs.databases.figures import FigureCount
from programs.databases.inventory import TRANSACTIONAL_ENGINES, Inventory, LiveDatabase
from programs.databases.session import Session
from programs.run.failures import ProgramError, report_progress

LOCK_ATTEMPTS = 3
LOCK_SECONDS = 1
LOCK_PAUSE_SECONDS = (0.5, 1.5)
ROWS_LOCK_SECONDS = 5
CHECKSUM_LOCK_SECONDS = 600
TABLES_PER_QUERY = 40
# As dump programs do: a table is let go once it was read, so that nobody who alters it waits for the whole backup.
SAVEPOINT = "begun"
LET_GO = f"ROLLBACK TO SAVEPOINT {SAVEPOINT};"
STATEMENT_BYTES = 512 * 1024
SESSION_SETTINGS = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET time_zone='+00:00', sql_mode='';"

Checksums = dict[str, dict[str, str]]  # by database and table


class Snapshot:
    """The session and its lock, as long as the context lasts.

    `is_shared`: whether it certainly is the dump's snapshot. `exact`: by database and table, a file of INSERT
    statements that take the place of the dump's, and the number of their rows. `counting`: what counts figures in the
    same snapshot, in a session of its own whose failure is none of this one's."""

    def __init__(
        self, client: Client, vendor: Vendor, inventory: Inventory, *, counting: FigureCount | None = None
    ) -> None:
        self._client, self._vendor, self._inventory, self._counting = client, vendor, inventory, counting
        self._session = Session(client, vendor)
        self._lock: Session | None = None
        self._special: dict[str, dict[str, list[Column]]] = {}
        self._asked: list[tuple[str, list[str]]] = []
        self.is_shared = self.has_begun = False
        self.exact: dict[str, dict[str, Path]] = {}
        self.exact_rows: dict[str, dict[str, int]] = {}

    def __enter__(self) -> Self:
        for database, live in self._inventory.items():
            self._special[database] = observe_special_tables(self._client, database, also=live.versioned)
        self._session.__enter__()
        try:
            self._session.ask(SESSION_SETTINGS)
            self._lock_tables()
            self._session.ask(f"START TRANSACTION WITH CONSISTENT SNAPSHOT; SAVEPOINT {SAVEPOINT};")
            if self._counting is not None:
                self._counting.begin()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End both connections; may be repeated."""
        self._drop_lock()
        self._session.close()

    def begin(self) -> None:
        """The dump has begun its snapshot: let the tables go, read the rows that it rounds, ask for the checksums."""
        self.has_begun = True
        self._unlock()
        if self._counting is not None:
            self._counting.ask()
        # The dump waits for the exact rows meanwhile: nobody's ALTER may make the two wait for each other.
        self._session.ask(f"SET SESSION lock_wait_timeout={ROWS_LOCK_SECONDS};")
        for database, tables in self._special.items():
            self._read_exact(database, select_inexact(tables))
        self._session.ask(f"SET SESSION lock_wait_timeout={CHECKSUM_LOCK_SECONDS};")
        if self.is_shared:
            for database in self._inventory:
                self._ask_checksums(database)

    def receive_checksums(self) -> Checksums | None:
        """The checksums by database and table, of every table that the snapshot covers; None when it is not the
        dump's."""
        if not self.is_shared:
            return None
        found: Checksums = {}
        for database, names in self._asked:
            values = (line.rsplit(b"\t", 1)[-1].decode() for line in self._session.receive())
            # What was created meanwhile has no checksum: the inventory tells.
            pairs = zip(names, values, strict=True)
            found.setdefault(database, {}).update((name, value) for name, value in pairs if value != "NULL")
        return found

    def _lock_tables(self) -> None:
        names = [
            f"{quote_name(database)}.{quote_name(name)} READ"
            for database, live in self._inventory.items()
            for name in select_covered(live.tables)
        ]
        for attempt in range(LOCK_ATTEMPTS if names else 0):
            lock = Session(self._client, self._vendor)
            lock.__enter__()
            try:
                lock.ask(f"SET SESSION lock_wait_timeout={LOCK_SECONDS}; LOCK TABLES {', '.join(names)};")
            except ProgramError as error:
                lock.close()
                report_progress(5, f"the tables could not be locked together: {error.code}")
                if error.code == "database_refused":
                    return
                time.sleep(random.uniform(*LOCK_PAUSE_SECONDS) if attempt + 1 < LOCK_ATTEMPTS else 0)
            except BaseException:
                lock.close()
                raise
            else:
                self._lock, self.is_shared = lock, True
                return
        self.is_shared = not names

    def _unlock(self) -> None:
        """Let the tables go. Who held them and was ended meanwhile held nothing: the two snapshots may differ."""
        if self._lock is not None:
            try:
                self._lock.ask("DO 1;")
            except ProgramError as error:
                report_progress(5, f"the tables were not held until the dump began: {error.code}")
                self.is_shared = False
        self._drop_lock()

    def _drop_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _read_exact(self, database: str, tables: Mapping[str, list[Column]]) -> None:
        live = self._inventory[database]
        for number, (table, columns) in enumerate(sorted(tables.items())):
            if table not in live.tables or table in live.versioned:
                continue
            path = self._client.scratch / f"exact-{database}-{number}.sql"
            rows = 0
            self._session.send(f"{make_row_query(database, table, columns)} {LET_GO}")
            with path.open("wb") as file:
                for text in join_rows(table, columns, self._session.receive()):
                    file.write(text)
                    rows += text.count(b"\n(")
            self.exact.setdefault(database, {})[table] = path
            self.exact_rows.setdefault(database, {})[table] = rows

    def _ask_checksums(self, database: str) -> None:
        for names, sql in list_checksum_queries(database, self._inventory[database], self._special[database]):
            self._session.send(f"{sql} {LET_GO}")
            self._asked.append((database, names))


def select_covered(tables: Mapping[str, str]) -> list[str]:
    """The tables that a snapshot covers, sorted. `tables`: name to engine."""
    return sorted(name for name, engine in tables.items() if engine in TRANSACTIONAL_ENGINES)


def list_checksum_queries(
    database: str, live: LiveDatabase, special: Mapping[str, list[Column]]
) -> Iterator[tuple[list[str], str]]:
    """Tables, and the statement that answers one line with a checksum for each of them.

    CHECKSUM TABLE is as fast as counting, and does not depend on the order of rows. Where it tells equal rows apart, a
    SELECT tells; of a table that keeps its past that is what is valid now."""
    names = select_covered(live.tables)
    plain = [name for name in names if name not in special]
    for start in range(0, len(plain), TABLES_PER_QUERY):
        group = plain[start : start + TABLES_PER_QUERY]
        yield group, f"CHECKSUM TABLE {', '.join(f'{quote_name(database)}.{quote_name(name)}' for name in group)};"
    for name in names:
        if name in special:
            yield [name], f"SELECT {make_checksum(special[name])} FROM {quote_name(database)}.{quote_name(name)};"


def join_rows(table: str, columns: list[Column], lines: Iterator[bytes]) -> Iterator[bytes]:
    """The rows of an answer to `make_row_query`, as INSERT statements."""
    names = ", ".join(quote_name(column.name) for column in columns)
    head = f"INSERT INTO {quote_name(table)} ({names}) VALUES".encode(errors="surrogateescape")
    size = 0
    for line in lines:
        row = format_row(line, columns)
        if size and size + len(row) > STATEMENT_BYTES:
            yield b";\n"
            size = 0
        yield (b",\n(" if size else head + b"\n(") + row + b")"
        size += len(row)
    if size:
        yield b";\n"


def observe_checksums(client: Client, vendor: Vendor, inventory: Inventory) -> Checksums:
    """The same checksums of what the databases hold now, outside of any snapshot."""
    found: Checksums = {}
    with Session(client, vendor) as session:
        session.ask(SESSION_SETTINGS)
        for database, live in inventory.items():
            special = observe_special_tables(client, database, also=live.versioned)
            for names, sql in list_checksum_queries(database, live, special):
                values = (line.rsplit(b"\t", 1)[-1].decode() for line in session.ask(sql))
                found.setdefault(database, {}).update(zip(names, values, strict=True))
    return found
