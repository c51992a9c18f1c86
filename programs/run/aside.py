"""Work done in a second process beside this one: for what only reads and computes."""

import logging
import os
import pickle
import signal
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Generic, NoReturn, Self, TypeVar

from programs.run.failures import STOP_SIGNALS, ProgramError
from programs.run.streams import bind_to_parent

Result = TypeVar("Result")


class Aside(Generic[Result]):
    """Starts the work when it is made; `finish` waits for what it returns, or raises what it raised. Leaving the
    context before kills it. It says nothing of its progress. No other thread may run when it is made."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._output, target = os.pipe()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._output)
            run_work(work, target, parent=parent)
        os.close(target)
        self._ended = False

    def finish(self) -> Result:
        """Return what the work returned. Raise the ProgramError that it raised, or ``stage_failed`` (retryable) when
        it was killed."""
        parts = []
        while part := os.read(self._output, 1 << 16):
            parts.append(part)
        self._reap()
        try:
            error, result = pickle.loads(b"".join(parts))  # what our own process wrote
        except (EOFError, pickle.UnpicklingError) as lost:
            message = "a second process of this program was killed"
            raise ProgramError("stage_failed", message, hint="run again", retryable=True) from lost
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]

    def _reap(self) -> None:
        if not self._ended:
            os.waitpid(self._pid, 0)
            self._ended = True
            os.close(self._output)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._ended:
            os.kill(self._pid, signal.SIGKILL)
            self._reap()


def run_work(work: Callable[[], object], target: int, *, parent: int) -> NoReturn:
    """In the second process: do the work, write what came of it, and end."""
    code = 1
    try:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        bind_to_parent(parent)
        sys.stdout = open(os.devnull, "w")
        error, result = None, None
        try:
            result = work()
        except ProgramError as refusal:
            error = refusal
        with os.fdopen(target, "wb") as file:
            pickle.dump((error, result), file)
        code = 0
    except Exception:  # noqa: BLE001 - the end of a process; the other one says that it was lost
        logging.getLogger("programs").exception("unexpected failure in a second process")
    finally:
        os._exit(code)
