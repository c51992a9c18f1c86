"""One connection of the vendor's client that lasts: statements go in one after the other, answers come as lines.

It may wait for hours while something else runs: it asks the server to let it, and is never opened again unseen.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import IO, Self

from programs.databases.client import CONNECT_SECONDS, Client, Vendor, make_database_error
from programs.databases.patience import PATIENT
from programs.run.failures import ProgramError
from programs.run.streams import STALL_SECONDS, Child, Watchdog

MARK = "-- answered --"


class Session:
    """A connection as long as the context lasts. `ask` waits for the answer; `send` and `receive` let the caller do
    other work meanwhile. Every answer ends with a mark of its own, so that one cut short is never taken as whole."""

    def __init__(
        self,
        client: Client,
        vendor: Vendor,
        *,
        raw: bool = False,
        keeps_going: bool = False,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        """`raw`: newlines and backslashes of values are told as they are. `keeps_going`: a statement that the server
        refuses has no answer, and the next one is asked. `stall_seconds`: how long an answer may stand still."""
        # A client that connects again has lost its snapshot, its locks and its settings, and would not say so.
        options = ["--batch", "--skip-column-names", "--binary-mode", "--unbuffered", "--quick", "--skip-reconnect"]
        options += ["--raw"] if raw else []
        options += ["--force"] if keeps_going else []
        more = (f"--connect-timeout={CONNECT_SECONDS}", "--max-allowed-packet=1G")
        self._command = client.make_command(vendor.client, *options, *more)
        self._home = client.scratch
        self._stall_seconds = stall_seconds
        self._number = 0

    def __enter__(self) -> Self:
        self._child = Child(self._command, stdin=-1, home=self._home)
        self._watchdog = Watchdog(self._child, stall_seconds=self._stall_seconds)
        self._watchdog.rest()
        self._watchdog.__enter__()
        assert self._child.process.stdin is not None and self._child.process.stdout is not None
        self._input: IO[bytes] = self._child.process.stdin
        self._output: IO[bytes] = self._child.process.stdout
        self._write(f"{PATIENT};\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, whatever it is doing; may be repeated."""
        self._watchdog.__exit__(None, None, None)
        self._child.close()

    def ask(self, sql: str) -> list[bytes]:
        """Run statements and return the lines of their answers. Raise ProgramError (``database_failed``, ...)."""
        self.send(sql)
        return list(self.receive())

    def send(self, sql: str) -> None:
        """Give statements to the server; `receive` is called once for each call of this, in the same order."""
        self._number += 1
        self._write(f"{sql}\nSELECT '{MARK}{self._number}';\n")

    def _write(self, text: str) -> None:
        self._watchdog.touch()
        try:
            self._input.write(text.encode())
            self._input.flush()
        except BrokenPipeError as error:
            raise self._make_failure() from error
        finally:
            self._watchdog.rest()

    def send_no_more(self) -> None:
        """Say that this was all: the client ends once it has answered, or cannot."""
        try:
            self._input.close()
        except OSError:
            pass  # it has ended: the answers tell

    def stop(self) -> None:
        """Kill the client, from any thread: whoever waits for an answer gets an error."""
        self._child.process.kill()

    def receive(self) -> Iterator[bytes]:
        """The lines of the answer to the next `send`, as they come."""
        while True:
            # Only who waits can tell that nothing comes: between two questions nothing has to.
            self._watchdog.touch()
            line = self._output.readline()
            self._watchdog.rest()
            if not line:
                raise self._make_failure()
            if line.startswith(MARK.encode()):
                return
            yield line.rstrip(b"\n")

    def _make_failure(self) -> ProgramError:
        return make_database_error(self._child.make_failure(self._child.wait(timeout_seconds=60)))
