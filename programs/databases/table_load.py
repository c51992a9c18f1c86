"""Several dumps at once into one server: each database has a connection of its own, and a thread that feeds it.

A server loads with one processor a connection. On a machine of two, loading the two large databases of a parish at
once takes two thirds of the time of one after the other (measured with the data of bench/backup.py). Decompressors are
started and ended in the main thread (programs.run.streams); the threads judge the text and send it, one statement at a
time.
"""

import io
import queue
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from programs.archive.stored import StoredReader, check_measures
from programs.databases.connection import Connection
from programs.run.failures import ProgramError
from programs.run.streams import CHUNK_BYTES, KILL_WAIT_SECONDS, Measures, Watchdog
from programs.sets.manifest import Artifact
from programs.sql.accounts import WHOEVER_LOADS
from programs.sql.settings import list_changes
from programs.sql.statements import Part, StatementReader

AT_ONCE = 2
TABLES_SECTIONS = (0, 1)
# Not sent: the database is there and chosen, and nobody else is in it.
IDLE = ("use", "lock", "CREATE DATABASE")
DEFINED = ("VIEW", "TRIGGER", "FUNCTION", "PROCEDURE", "PACKAGE", "PACKAGE BODY", "EVENT", "DATABASE")
EVENTS = ("CREATE EVENT", "DROP EVENT")
# A date that is none (31 February) is let in as it is: the source may have allowed it.
STRICT_MODES, LENIENT_MODES = b"'NO_AUTO_VALUE_ON_ZERO'", b"'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'"

Ended = queue.SimpleQueue["TableLoad"]


class Sender:
    """Sends parts of dumps over one connection, each with the settings it is to be run with.

    ``account`` defines what it makes; ``definers``: the other accounts that did."""

    def __init__(self, connection: Connection, *, account: str) -> None:
        self.definers: set[str] = set()
        self._connection, self._account = connection, account
        self._present: dict[bytes, bytes] = {}

    def send(self, part: Part) -> None:
        """Send one part. Raise ProgramError, which names the line and the object."""
        if part.verdict.kind in IDLE:
            return
        try:
            if part.values != self._present:
                if changes := list_changes(make_lenient(part.values), make_lenient(self._present)):
                    self._connection.run(changes)
                self._present = part.values
            self._connection.send(self._make_text(part), last=part.last)
        except ProgramError as error:
            thing = f" ({part.verdict.kind} {part.verdict.name})" if part.verdict.name else ""
            error.message = f"line {part.line}{thing}: {error.message}"
            error.params |= {"line": part.line, "object": part.verdict.name}
            raise

    def look(self, sql: str) -> None:
        """Run a statement of ours. Raise ProgramError."""
        self._connection.run(sql)

    def _make_text(self, part: Part) -> bytes:
        """The statement, defined by the account that loads: only an administrator may name another."""
        definer = part.verdict.definer
        if definer is None:
            return part.text
        if definer[2] not in (self._account, WHOEVER_LOADS):
            self.definers.add(definer[2])
        return part.text[: definer[0]] + WHOEVER_LOADS.encode() + part.text[definer[1] :]


def make_lenient(values: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The settings, with the mode in which dumps hold tables and rows made to take every date."""
    return {**values, b"sql_mode": LENIENT_MODES} if values.get(b"sql_mode") == STRICT_MODES else values


class TableLoad:
    """One dump on its way into the server, as long as the context lasts; leaving it early stops both ends."""

    def __init__(
        self,
        artifact: Artifact,
        *,
        path: Path,
        codec: str,
        account: str,
        connect: Callable[[], Connection],
        ended: Ended,
        connect_definer: Callable[[], Connection] | None = None,
        made_before: tuple[str, ...] = (),
    ) -> None:
        """`path`: of the stored dump; `account`: who defines what is made; `connect_definer`: as that account, None
        where `connect` does; `ended`: told of the end; `made_before`: kinds of statements that are not sent."""
        self._made_before = made_before
        self.artifact = artifact
        self.definers: set[str] = set()
        self.views: list[Part] = []  # what must wait for all tables
        self.events: list[Part] = []  # what must wait for the comparison, since it runs by itself
        self._path, self._codec, self._account = path, codec, account
        self._connect, self._connect_definer, self._ended = connect, connect_definer, ended
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._reader = stack.enter_context(StoredReader(self._path, codec=self._codec))
            # Kept: when it goes, it closes the reader.
            self._buffered = io.BufferedReader(self._reader, CHUNK_BYTES)
            self._connections = [stack.enter_context(self._connect())]
            if self._connect_definer is not None:
                self._connections.append(stack.enter_context(self._connect_definer()))
            self._watchdog = stack.enter_context(Watchdog(self._reader.child))
            stack.callback(self._stop)
            self._thread.start()
            self._open = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def finish(self) -> None:
        """Wait for the end, and judge it. Raise ProgramError when the dump did not arrive whole."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        check_measures(self.artifact.name, found=self._reader.finish(), expected=get_expected(self.artifact))
        self._open.close()

    def _carry(self) -> None:
        try:
            self._feed()
        except Exception as error:  # noqa: BLE001 - raised again by `finish`, in the main thread
            self._error = error
        finally:
            self._ended.put(self)

    def _feed(self) -> None:
        senders = [Sender(connection, account=self._account) for connection in self._connections]
        self.definers = senders[-1].definers
        for part in StatementReader(self._buffered, database=str(self.artifact.database)):
            # The decompressor stands still while the server works: the connection bounds that.
            self._watchdog.rest()
            self._place(part, senders)
            self._watchdog.touch()

    def _place(self, part: Part, senders: list[Sender]) -> None:
        """Send a part, or keep it for later."""
        if part.verdict.kind in self._made_before:
            return
        if part.verdict.kind in EVENTS:
            self.events.append(part)
        elif part.section in TABLES_SECTIONS:
            senders[-1 if is_definer_s(part) else 0].send(part)
        else:
            self.views.append(part)

    def _stop(self) -> None:
        """End what still runs: the thread then comes to its end."""
        for connection in self._connections:
            connection.stop()
        if self._reader.child.process.poll() is None:
            self._reader.child.process.kill()
        self._thread.join(KILL_WAIT_SECONDS)


def is_definer_s(part: Part) -> bool:
    """Tell whether a statement makes or removes what has a definer, or is about the database itself."""
    return part.verdict.kind.partition(" ")[2] in DEFINED


def get_expected(artifact: Artifact) -> Measures:
    """The measures the manifest gives for a file."""
    return Measures(artifact.stored_bytes, artifact.stored_sha256, artifact.plain_bytes, artifact.plain_sha256)
