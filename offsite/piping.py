"""One end of a stream for who writes it, the other for who reads it: nothing lies anywhere in between."""

import contextlib
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from typing import IO

import pyrage

from domain.errors import CiviparoisseError
from programs.run.failures import ProgramError

FAILURES = (
    CiviparoisseError,
    ProgramError,
    pyrage.DecryptError,
    pyrage.EncryptError,
    tarfile.TarError,
    OSError,
    ValueError,
)


@contextlib.contextmanager
def piping(write: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """Yield a stream that holds what `write` writes in a thread of its own; raise what it raises, first of all. Whoever
    leaves before the end ends it too."""
    reader, writer = os.pipe()
    failures: list[Exception] = []
    is_left = False

    def run() -> None:
        try:
            with os.fdopen(writer, "wb") as stream:
                write(stream)
        except BrokenPipeError:
            pass  # the reader has had enough, and says why
        except FAILURES as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    try:
        with os.fdopen(reader, "rb") as plain:
            thread.start()
            yield plain
    except GeneratorExit:
        is_left = True
        raise
    finally:
        thread.join()
        if failures and not is_left:
            raise failures[0] from None
