"""Several dumps at once into one server: each database has a client of its own, and a thread that feeds it.

A server loads with one processor a connection. On a machine of two, loading the two large databases of a parish at
once takes two thirds of the time of one after the other (measured with the data of bench/backup.py). Children are
started and ended in the main thread (programs.run.streams); the threads only carry bytes.
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
from programs.databases.client import make_database_error
from programs.run.streams import CHUNK_BYTES, KILL_WAIT_SECONDS, STALL_SECONDS, Child, Measures, Watchdog
from programs.sets.manifest import Artifact
from programs.sql.filter import EVENTS_SECTION, SqlFilter

AT_ONCE = 2
HEADER_SECTION, TABLES_SECTION, VIEWS_SECTION = range(3)

STRICT_MODES = b"SQL_MODE='NO_AUTO_VALUE_ON_ZERO'"
LENIENT_MODES = b"SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'"

Ended = queue.SimpleQueue["TableLoad"]


class TableLoad:
    """One dump on its way into the server, as long as the context lasts; leaving it early kills both ends."""

    def __init__(
        self,
        artifact: Artifact,
        *,
        path: Path,
        codec: str,
        account: str,
        views: Path,
        events: Path,
        start_client: Callable[[], Child],
        ended: Ended,
    ) -> None:
        """`path`: of the stored dump; `views`: takes what must wait for all tables; `events`: what must wait for the
        comparison, since it runs by itself; `ended`: told of the end."""
        self.artifact = artifact
        self.definers: set[str] = set()
        self._path, self._codec, self._account = path, codec, account
        self._views, self._events, self._start_client, self._ended = views, events, start_client, ended
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._reader = stack.enter_context(StoredReader(self._path, codec=self._codec))
            # Kept: when it goes, it closes the reader.
            self._buffered = io.BufferedReader(self._reader, CHUNK_BYTES)
            self._later = {
                VIEWS_SECTION: stack.enter_context(self._views.open("wb")),
                EVENTS_SECTION: stack.enter_context(self._events.open("wb")),
            }
            self._child = stack.enter_context(self._start_client())
            self._watchdog = stack.enter_context(Watchdog(self._child, self._reader.child))
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
        check_client(self._child)
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
        lines = SqlFilter(self._buffered, database=str(self.artifact.database), account=self._account)
        pipe = self._child.process.stdin
        assert pipe is not None
        try:
            for section, text in lines:
                self._watchdog.touch()
                if section == HEADER_SECTION:
                    text = make_lenient(text)
                for target, file in self._later.items():
                    if section in (HEADER_SECTION, target):
                        file.write(text)
                if section in (HEADER_SECTION, TABLES_SECTION):
                    pipe.write(text)
            pipe.close()
        except BrokenPipeError:
            pass  # the client says why
        self.definers = lines.definers

    def _stop(self) -> None:
        """Kill what still runs: the thread then comes to its end."""
        for child in (self._child, self._reader.child):
            if child.process.poll() is None:
                child.process.kill()
        self._thread.join(KILL_WAIT_SECONDS)


def make_lenient(text: bytes) -> bytes:
    """The header of a dump, with a date that is none (31 February) let in as it is: the source may have allowed it."""
    return text.replace(STRICT_MODES, LENIENT_MODES)


def check_client(child: Child) -> None:
    """Wait until a client has read all it was given. Raise ProgramError (``database_failed``, ...) when it failed."""
    code = child.wait(timeout_seconds=STALL_SECONDS)
    if code != 0:
        raise make_database_error(child.make_failure(code))


def get_expected(artifact: Artifact) -> Measures:
    """The measures the manifest gives for a file."""
    return Measures(artifact.stored_bytes, artifact.stored_sha256, artifact.plain_bytes, artifact.plain_sha256)
