"""Compressed files of a set: written through a compressor, read back through a decompressor, hashed on both sides."""

import io
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from programs.run.durable import open_plain
from programs.run.failures import ProgramError, make_os_failure
from programs.run.processors import count_processors
from programs.run.streams import CHUNK_BYTES, STALL_SECONDS, Child, Hashing, Measures, drop_cached_pages

MOST_THREADS = 4  # of pigz: more find no text to compress, since one dump process writes it
ZSTD_WINDOW_MIB = 32  # what a reader may be made to set aside; level 3 takes 2
GZIP_LEVEL = "-4"  # against the default of 6: two thirds of the time, 2 to 5 % more bytes (dumps of CiviCRM)


def make_compressor(codec: str) -> list[str]:
    """The command of a compressor from its standard input to its output; pigz writes the gzip format."""
    if codec == "zstd":
        return ["zstd", "-q", "-3", "--single-thread", "-c"]  # 13 MiB; a thread more costs 5 to 30, three times at once
    if shutil.which("pigz"):
        return ["pigz", GZIP_LEVEL, "-n", "-T", "-p", str(min(count_processors(), MOST_THREADS)), "-c"]
    return ["gzip", GZIP_LEVEL, "-n", "-c"]


def make_decompressor(codec: str) -> list[str]:
    """The command that undoes `make_compressor`, whichever of pigz and gzip wrote: the same one on every machine."""
    if codec == "zstd":
        return ["zstd", "-q", "-d", "-c", "--no-progress", f"--memory={ZSTD_WINDOW_MIB}MB"]
    return [sys.executable, "-I", "-S", str(Path(__file__).with_name("gunzip.py"))]


class StoredWriter:
    """A new compressed file. `finish` returns its measures; leaving without it kills the compressor."""

    def __init__(self, path: Path, *, codec: str) -> None:
        """Create the file, which must not exist."""
        self.path = path
        self._plain = Hashing()
        self._stored = Hashing()
        self._error: OSError | None = None
        self._file = path.open("xb", buffering=0)
        try:
            self.child = Child(make_compressor(codec), stdin=subprocess.PIPE)
        except BaseException:
            self._file.close()
            raise
        self._pump = threading.Thread(target=self._store, daemon=True)
        self._pump.start()

    def _pipe(self) -> IO[bytes]:
        assert self.child.process.stdin is not None
        return self.child.process.stdin

    def _store(self) -> None:
        output = self.child.process.stdout
        assert output is not None
        try:
            while data := os.read(output.fileno(), CHUNK_BYTES):
                self._stored.update(data)
                view = memoryview(data)
                while view:
                    view = view[self._file.write(view) :]
        except OSError as error:
            self._error = error
            self.child.process.kill()

    def write(self, data: bytes) -> None:
        """Add plain bytes. Raise ProgramError when the compressor or the disk failed."""
        self._plain.update(data)
        try:
            self._pipe().write(data)
        except BrokenPipeError as error:
            raise self._make_failure() from error

    def _make_failure(self) -> ProgramError:
        code = self.child.wait(timeout_seconds=STALL_SECONDS)
        self._pump.join(STALL_SECONDS)
        if self._error is not None:
            return make_os_failure(self._error, doing=f"writing {self.path.name}")
        return self.child.make_failure(code)

    def finish(self) -> Measures:
        """End the file, on disk. Raise ProgramError unless every stage did its whole work."""
        try:
            self._pipe().close()
        except BrokenPipeError as error:
            raise self._make_failure() from error
        self._pump.join(STALL_SECONDS)
        code = self.child.wait(timeout_seconds=STALL_SECONDS)
        if code != 0 or self._error is not None or self._pump.is_alive():
            raise self._make_failure()
        try:
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise make_os_failure(error, doing=f"writing {self.path.name}") from error
        stored, plain = self._stored, self._plain
        return Measures(stored.bytes, stored.hexdigest(), plain.bytes, plain.hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child.process.poll() is None:
            self.child.process.kill()
        self._pump.join(STALL_SECONDS)
        self.child.close()
        self._file.close()


class StoredReader(io.RawIOBase):
    """Plain bytes of a compressed file, read from its disk where the system allows it.

    `finish` reads what is left and returns the measures of what was really there. Wrap it in
    io.BufferedReader to read lines.
    """

    def __init__(self, path: Path, *, codec: str, most_bytes: int | None = None) -> None:
        """Raise ProgramError artifact_missing when the file is not there.

        ``most_bytes``: how many plain bytes there may be; a thousand times more may hide in a small file."""
        super().__init__()
        self.path = path
        self._most_bytes = most_bytes
        self._plain = Hashing()
        self._stored = Hashing()
        self._error: OSError | None = None
        try:
            self._file = open_plain(path)
        except FileNotFoundError as error:
            params = {"artifact": path.name}
            raise ProgramError("artifact_missing", f"{path.name} is missing", params=params) from error
        except OSError as error:
            params = {"artifact": path.name}
            message = f"{path.name} is not a plain file, or it cannot be read"
            raise ProgramError("artifact_damaged", message, params=params) from error
        drop_cached_pages(self._file.fileno())
        try:
            self.child = Child(make_decompressor(codec), stdin=subprocess.PIPE)
        except BaseException:
            self._file.close()
            raise
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._feeder.start()

    def _feed(self) -> None:
        pipe = self.child.process.stdin
        assert pipe is not None
        try:
            while data := self._file.read(CHUNK_BYTES):
                self._stored.update(data)
                try:
                    pipe.write(data)
                except BrokenPipeError:
                    break  # the exit code of the decompressor says why
            pipe.close()
        except BrokenPipeError:
            pass
        except OSError as error:
            self._error = error
            self.child.process.kill()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "memoryview[int] | bytearray") -> int:  # type: ignore[override]
        """Fill the buffer with plain bytes; 0 at their end. Raise ProgramError when the decompressor did not end well.

        Nobody must take the bytes before a failure for the whole."""
        output = self.child.process.stdout
        assert output is not None
        size = os.readv(output.fileno(), [buffer])
        self._plain.update(memoryview(buffer)[:size])
        if self._most_bytes is not None and self._plain.bytes > self._most_bytes:
            message = f"{self.path.name} holds more than {self._most_bytes} plain bytes"
            hint = "the file was altered; this set is not usable"
            raise ProgramError("artifact_damaged", message, hint=hint, params={"artifact": self.path.name})
        if size == 0 and len(buffer):
            self._check_end()
        return size

    def _check_end(self) -> None:
        code = self.child.wait(timeout_seconds=STALL_SECONDS)
        self._feeder.join(STALL_SECONDS)
        if self._error is not None:
            raise make_os_failure(self._error, doing=f"reading {self.path.name}")
        if code < 0:
            raise self.child.make_failure(code)  # killed, as by a limit of memory: that says nothing of the file
        if code != 0:
            said = self.child.read_stderr().strip().splitlines()[-1:] or [f"exit code {code}"]
            message = f"{self.path.name} cannot be decompressed: {said[0]}"
            raise ProgramError("artifact_damaged", message, params={"artifact": self.path.name})

    def finish(self) -> Measures:
        """Read to the end. Raise ProgramError artifact_damaged when it cannot be decompressed, stage_failed when the
        decompressor was killed."""
        buffer = bytearray(CHUNK_BYTES)
        while self.readinto(buffer):
            pass
        stored, plain = self._stored, self._plain
        return Measures(stored.bytes, stored.hexdigest(), plain.bytes, plain.hexdigest())

    def close(self) -> None:
        """Stop the decompressor and give everything back; may be repeated."""
        if not self.closed and hasattr(self, "_feeder"):
            if self.child.process.poll() is None:
                self.child.process.kill()
            self._feeder.join(STALL_SECONDS)
            self.child.close()
            self._file.close()
        super().close()


def check_measures(name: str, *, found: Measures, expected: Measures) -> None:
    """Raise ProgramError artifact_damaged, saying which measure of the file differs, unless they are equal."""
    for what in ("stored_bytes", "stored_sha256", "plain_bytes", "plain_sha256"):
        if getattr(found, what) != getattr(expected, what):
            message = f"{name}: {what} is {getattr(found, what)}, not {getattr(expected, what)}"
            hint = "the file was altered or cut; this set is not usable"
            raise ProgramError("artifact_damaged", message, hint=hint, params={"artifact": name})
