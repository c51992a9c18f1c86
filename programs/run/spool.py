"""What a child writes while nobody reads it, for a while: it goes on slowly, so that who feeds the child stays.

A dump program that cannot write does not read from its server either, which ends the session after a minute
(net_write_timeout). Its output is let through at a pace that no server takes for a standstill, into a file.
"""

import os
import select
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from programs.run.streams import PIPE_BYTES, Child

PAUSE_SECONDS = 0.5  # between two pieces of PIPE_BYTES at most: two megabytes a second
LOOK_MILLISECONDS = 200


class Spool:
    """The standard output of a child, in order. What comes while it is `held` lies in a file without a name."""

    def __init__(self, child: Child) -> None:
        assert child.process.stdout is not None
        self._output = child.process.stdout.fileno()
        self._file = tempfile.TemporaryFile(buffering=0)
        self._begin = self._end = 0  # of what the file holds that was not read
        self._over = b""  # what it could not take

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        if self._begin < self._end:
            piece = os.pread(self._file.fileno(), min(size, self._end - self._begin), self._begin)
            self._begin += len(piece)
            return piece
        if self._over:
            piece, self._over = self._over[:size], self._over[size:]
            return piece
        return os.read(self._output, size)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody reads as long as the context lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=self._keep, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _keep(self, ended: threading.Event) -> None:
        """Take pieces until the context ends, the child does, or a disk is full: then the child waits."""
        poller = select.poll()
        poller.register(self._output, select.POLLIN)
        while not ended.is_set() and not self._over:
            if not poller.poll(LOOK_MILLISECONDS):
                continue
            piece = os.read(self._output, PIPE_BYTES)
            if not piece:
                return
            self._over = piece[self._write(piece) :]
            ended.wait(PAUSE_SECONDS)

    def _write(self, piece: bytes) -> int:
        """Return how many bytes of the piece the file took."""
        taken = 0
        try:
            while taken < len(piece):
                written = os.pwrite(self._file.fileno(), piece[taken:], self._end)
                taken, self._end = taken + written, self._end + written
        except OSError:
            pass
        return taken
