"""The manager's own client for the tenants' database servers: readiness, accounts, inventory, counts, checksums."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import mysql.connector
from mysql.connector import errorcode

from domain.errors import CiviparoisseError, EngineUnavailable
from domain.specs import DATABASES, Endpoint

TRIALS = "civiparoisse\\_trial\\_%"  # a pattern: there a restore tries definitions before it drops anything
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 120
_REFUSED = (errorcode.ER_ACCESS_DENIED_ERROR, errorcode.ER_DBACCESS_DENIED_ERROR, errorcode.ER_TABLEACCESS_DENIED_ERROR)

_FAULTS_OF_THE_STATEMENT = (mysql.connector.ProgrammingError, mysql.connector.IntegrityError, mysql.connector.DataError)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseInventory:
    """What one database holds. `tables`: name -> engine; `routines`: "FUNCTION name" or "PROCEDURE name"."""

    tables: dict[str, str]
    views: tuple[str, ...]
    triggers: tuple[str, ...]
    routines: tuple[str, ...]
    events: tuple[str, ...]


def quote_name(name: str) -> str:
    """Return a database, table or column name as SQL takes it."""
    return "`" + name.replace("`", "``") + "`"


@dataclass(frozen=True, slots=True)
class TenantDatabase:
    """One account on one tenant's server. Every call connects anew and has a deadline.

    Raise EngineUnavailable (retryable) when the server does not answer, `database_refused` when it refuses the account
    or the statement. Neither text ever holds the password: the server's own text is not repeated, its number is.
    """

    endpoint: Endpoint
    user: str
    password: str = field(repr=False)

    def is_ready(self) -> bool:
        """Return whether the server lets this account in."""
        try:
            self._read("SELECT 1")
        except CiviparoisseError:
            return False
        return True

    def ensure_account(self, user: str, password: str, *, databases: Sequence[str] = DATABASES) -> None:
        """As root: have `user`@'%' with this password, all rights on `databases` and TRIALS, none elsewhere."""
        account = (user,)
        with self._cursor() as cursor:
            cursor.execute("CREATE USER IF NOT EXISTS %s@'%'", account)
            cursor.execute("ALTER USER %s@'%' IDENTIFIED BY %s", (user, password))
            cursor.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%'", account)
            # "_" and "%" are patterns in a grant's database name.
            patterns = [database.replace("_", "\\_").replace("%", "\\%") for database in databases]
            for pattern in (*patterns, TRIALS):
                cursor.execute(f"GRANT ALL PRIVILEGES ON {quote_name(pattern)}.* TO %s@'%'", account)

    def read_inventory(self, database: str) -> DatabaseInventory:
        """Return what `database` holds, names sorted."""
        where = (database,)
        with self._cursor() as cursor:

            def read(sql: str) -> list[tuple[Any, ...]]:
                cursor.execute(sql, where)
                return [tuple(_text(value) for value in row) for row in cursor.fetchall()]

            tables = read(
                "SELECT table_name, table_type, engine FROM information_schema.tables WHERE table_schema = %s"
            )
            triggers = read("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = %s")
            routines = read(
                "SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = %s"
            )
            events = read("SELECT event_name FROM information_schema.events WHERE event_schema = %s")
        return DatabaseInventory(
            tables={name: engine or "" for name, kind, engine in sorted(tables) if kind == "BASE TABLE"},
            views=tuple(sorted(name for name, kind, _ in tables if kind == "VIEW")),
            triggers=tuple(sorted(name for (name,) in triggers)),
            routines=tuple(sorted(f"{kind} {name}" for kind, name in routines)),
            events=tuple(sorted(name for (name,) in events)),
        )

    def count_rows(self, database: str) -> dict[str, int]:
        """Return table -> number of rows, counted (not InnoDB's estimate), in one snapshot."""
        tables = self.read_inventory(database).tables
        with self._cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
            counts = {}
            for table in tables:
                cursor.execute(f"SELECT COUNT(*) FROM {quote_name(database)}.{quote_name(table)}")
                counts[table] = int(cursor.fetchall()[0][0])
        return counts

    def compute_checksums(self, database: str) -> dict[str, int | None]:
        """Return table -> CHECKSUM TABLE, which reads every row; None for an engine that has none."""
        sums: dict[str, int | None] = {}
        with self._cursor() as cursor:
            for table in self.read_inventory(database).tables:
                cursor.execute(f"CHECKSUM TABLE {quote_name(database)}.{quote_name(table)} EXTENDED")
                value = cursor.fetchall()[0][1]
                sums[table] = None if value is None else int(value)
        return sums

    def _read(self, sql: str) -> list[tuple[Any, ...]]:
        with self._cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        place: dict[str, Any] = {"host": self.endpoint.host, "port": self.endpoint.port}
        if self.endpoint.socket is not None:
            place = {"unix_socket": self.endpoint.socket}
        connection = None
        try:
            connection = mysql.connector.connect(
                **place,
                user=self.user,
                password=self.password,
                use_pure=True,
                buffered=True,
                autocommit=True,
                charset="utf8mb4",
                connection_timeout=CONNECT_SECONDS,
                read_timeout=STATEMENT_SECONDS,
                write_timeout=STATEMENT_SECONDS,
            )
            cursor = connection.cursor()
            yield cursor
            cursor.close()
        except mysql.connector.Error as error:
            # "from None": the library's text and trace may quote the statement, which may hold a password.
            raise self._translate(error) from None
        finally:
            if connection is not None:
                connection.close()

    def _translate(self, error: Any) -> CiviparoisseError:
        where = self.endpoint.socket or f"{self.endpoint.host}:{self.endpoint.port}"
        if isinstance(
            error, mysql.connector.ProgrammingError | mysql.connector.IntegrityError | mysql.connector.DataError
        ):
            return CiviparoisseError("database_refused", user=self.user, where=where, number=error.errno)
        if error.errno in _REFUSED:
            return CiviparoisseError("database_refused", user=self.user, where=where, number=error.errno)
        return EngineUnavailable(instance=where, detail=f"database error {error.errno}")


def _text(value: Any) -> Any:
    """MySQL 8 answers names of its dictionary as bytes to some clients."""
    return value.decode() if isinstance(value, bytes | bytearray) else value
