"""Counts what people know of an instance, by a session of its own that may only read, in one snapshot and bounded time.

No row and no word of the data is told: only numbers, sums and times. What cannot be counted (no such table or column, a
time that is over) is not told, and stops nothing.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from programs.databases.client import CONNECT_SECONDS, Client, Vendor, quote_name, quote_text
from programs.databases.session import Session
from programs.run.failures import ProgramError
from programs.run.figures import Figure, Since

STATEMENT_SECONDS = 20
LOCK_SECONDS = 5
SAVEPOINT = "begun"
# A table is let go once it was counted, so that nobody who alters it waits for the others.
LET_GO = f"ROLLBACK TO SAVEPOINT {SAVEPOINT};"
WHOLE_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})

# By code: count, and where known last, cents, newest, entered, entered_cents, changed.
Counts = dict[str, dict[str, int]]
# Types of a table's columns, by database and table.
Columns = Mapping[tuple[str, str], Mapping[str, str]]

log = logging.getLogger("programs")


class FigureCount:
    """The session, as long as the context lasts. `begin` takes the snapshot, `ask` sends the questions, `receive` waits
    for the answers; so a dump can go on meanwhile. Nothing of it raises ProgramError: `failure` says what went wrong.
    """

    def __init__(
        self, client: Client, vendor: Vendor, declared: Mapping[str, Figure], *, since: Since | None = None
    ) -> None:
        self._client, self._vendor, self._declared, self._since = client, vendor, declared, since
        self._session: Session | None = None
        self._asked: list[str] = []
        self.failure: ProgramError | None = None

    def __enter__(self) -> "FigureCount":
        try:
            self._columns = observe_columns(self._client, self._declared)
            session = Session(self._client, self._vendor, keeps_going=True)
            session.__enter__()
            self._session = session
            with ended_after(session, seconds=CONNECT_SECONDS + LOCK_SECONDS):
                session.ask(make_settings(self._vendor))
        except ProgramError as error:
            self._give_up(error)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; may be repeated."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def begin(self) -> None:
        """Take the snapshot."""
        if self._session is not None:
            try:
                # All tables are locked meanwhile: the site does not stand still for this.
                with ended_after(self._session, seconds=LOCK_SECONDS):
                    self._session.ask(f"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY; SAVEPOINT {SAVEPOINT};")
            except ProgramError as error:
                self._give_up(error)

    def ask(self) -> None:
        """Send all questions; returns at once."""
        if self._session is None:
            return
        try:
            self._session.send("SELECT UNIX_TIMESTAMP();")
            for code, figure in self._declared.items():
                statement = make_statement(code, figure, self._columns, since=self._since)
                if statement is not None:
                    self._session.send(f"{statement} {LET_GO}")
                    self._asked.append(code)
            self._session.send_no_more()
        except ProgramError as error:
            self._give_up(error)

    def receive(self) -> dict[str, Any] | None:
        """Return {"at": seconds, "counts": Counts}; None where the server told nothing at all."""
        if self._session is None:
            return None
        counts: Counts = {}
        try:
            with ended_after(self._session, seconds=(1 + len(self._asked)) * (STATEMENT_SECONDS + LOCK_SECONDS)):
                at = [int(line) for line in self._session.receive()]
                for code in self._asked:
                    for line in self._session.receive():
                        counts[code] = read_answer(line)
        except (ProgramError, ValueError) as error:
            hint = "run again"
            told = error if isinstance(error, ProgramError) else ProgramError("database_failed", str(error), hint=hint)
            self._give_up(told)
            return None
        return {"at": at[0], "counts": counts} if at else None

    def _give_up(self, error: ProgramError) -> None:
        log.warning("the figures are not known: %s", error.code)
        self.failure = error
        self.close()


@contextmanager
def ended_after(session: Session, *, seconds: float) -> Iterator[None]:
    """Kill the client where what is done meanwhile takes longer: one that lost its server never answers."""
    timer = threading.Timer(seconds, session.stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def make_settings(vendor: Vendor) -> str:
    """Return what bounds the session: it reads only, waits for nobody long, and no question takes longer than told."""
    limit = (
        f"max_statement_time={STATEMENT_SECONDS}"
        if vendor.name == "mariadb"
        else f"max_execution_time={STATEMENT_SECONDS * 1000}"
    )
    return (
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET SESSION TRANSACTION READ ONLY;"
        f" SET SESSION sql_mode='', time_zone='+00:00', lock_wait_timeout={LOCK_SECONDS}; SET SESSION {limit};"
    )


def observe_columns(client: Client, declared: Mapping[str, Figure]) -> Columns:
    """Return the types of the columns of each declared table that there is."""
    places = sorted({(figure.database, figure.table) for figure in declared.values()})
    found: dict[tuple[str, str], dict[str, str]] = {}
    if not places:
        return found
    among = " OR ".join(
        f"(TABLE_SCHEMA = {quote_text(database)} AND TABLE_NAME = {quote_text(table)})" for database, table in places
    )
    names = ("TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "LOWER(DATA_TYPE)")
    for database, table, column, kind in client.query(names, f"FROM information_schema.COLUMNS WHERE {among}"):
        found.setdefault((database or "", table or ""), {})[column or ""] = kind or ""
    return found


def make_statement(code: str, figure: Figure, columns: Columns, *, since: Since | None = None) -> str | None:
    """Return the question whose answer `read_answer` reads; None where there is no such table, or no such key or
    amount. A time of change that the table does not have, or whose zone nobody knows, is not asked for."""
    types = columns.get((figure.database, figure.table))
    if types is None or figure.key not in types or (figure.sum and figure.sum not in types):
        return None
    key, where = quote_name(figure.key), figure.where or "1"
    changed = make_seconds(figure.changed, types.get(figure.changed, ""))
    last = None if since is None else since.last.get(code)
    asked = [make_count(figure, where), f"MAX({key})", make_sum(figure, where), f"MAX({changed})"]
    if last is None or since is None:
        asked += ["NULL"] * 3
    else:
        entered, before = f"({where}) AND {key} > {last}", f"({where}) AND {key} <= {last}"
        later = "NULL" if changed == "NULL" else make_count(figure, f"{before} AND {changed} > {since.at}")
        asked += [make_count(figure, entered), make_sum(figure, entered), later]
    return f"SELECT {', '.join(asked)} FROM {quote_name(figure.database)}.{quote_name(figure.table)};"


def make_count(figure: Figure, where: str) -> str:
    """Return how many rows, or keys where one has several rows."""
    key = quote_name(figure.key)
    return (
        f"COUNT(DISTINCT CASE WHEN {where} THEN {key} END)"
        if figure.repeats
        else f"SUM(CASE WHEN {where} THEN 1 ELSE 0 END)"
    )


def make_sum(figure: Figure, where: str) -> str:
    """Return the amounts in cents; NULL for a figure without any."""
    if not figure.sum:
        return "NULL"
    return f"CAST(ROUND(100 * COALESCE(SUM(CASE WHEN {where} THEN {quote_name(figure.sum)} END), 0)) AS SIGNED)"


def make_seconds(column: str, kind: str) -> str:
    """Return the seconds since 1970 of a column; NULL for one that does not say them in every time zone."""
    if kind in WHOLE_NUMBERS:
        return quote_name(column)
    return f"FLOOR(UNIX_TIMESTAMP({quote_name(column)}))" if kind == "timestamp" else "NULL"


def read_answer(line: bytes) -> dict[str, int]:
    """Return the figures of one answer by name, without those that are not known. Raise ValueError."""
    names = ("count", "last", "cents", "newest", "entered", "entered_cents", "changed")
    values = line.decode("ascii").split("\t")
    told = {name: int(value) for name, value in zip(names, values, strict=True) if value != "NULL"}
    # Of no row at all a server sums up nothing.
    return {"count": 0, "last": 0, **told}
