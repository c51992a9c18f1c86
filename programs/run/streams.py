"""Child processes and stored streams: every exit code is read, every byte hashed, memory constant.

Children are killed by the kernel when this program dies, even by kill -9 (PR_SET_PDEATHSIG). They are all started
from the main thread, because the kernel means the death of the thread that started them.
"""

import ctypes
import fcntl
import hashlib
import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from programs.run.failures import ProgramError

CHUNK_BYTES = 256 * 1024
PIPE_BYTES = 1024 * 1024  # pipe(7): /proc/sys/fs/pipe-max-size
STALL_SECONDS = 900.0  # a stage that moves nothing for so long is hung
KILL_WAIT_SECONDS = 30.0
STDERR_BYTES = 64 * 1024
SAID_LINES = 3
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Measures:
    """Size and sha256 of a stream, as stored (compressed) and plain."""

    stored_bytes: int
    stored_sha256: str
    plain_bytes: int
    plain_sha256: str


class Hashing:
    """Counts and hashes the bytes that pass."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.bytes = 0

    def update(self, data: bytes | memoryview) -> None:
        """Take in some bytes."""
        self._hash.update(data)
        self.bytes += len(data)

    def hexdigest(self) -> str:
        """sha256 of all bytes so far."""
        return self._hash.hexdigest()


def make_child_environment(home: Path | None = None) -> dict[str, str]:
    """What children see: no variable of ours reaches them, no configuration of a home directory is read."""
    path = os.environ.get("PATH") or "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "LC_ALL": "C", "HOME": str(home or "/nonexistent"), "TZ": "UTC"}


def bind_to_parent(parent: int) -> None:
    """In a new process: die when the one that started it dies, however it dies (prctl(2))."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Child:
    """One running command, its standard error kept aside; dies with this program."""

    def __init__(
        self,
        argv: Sequence[str | bytes],
        *,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        home: Path | None = None,
    ) -> None:
        """Start it. Raise ProgramError program_missing when it is not installed."""
        self.name = os.fsdecode(os.path.basename(argv[0]))
        self._stderr = tempfile.TemporaryFile()
        self.stalled = False
        parent = os.getpid()

        try:
            self.process = subprocess.Popen(
                argv,
                stdin=stdin,
                stdout=stdout,
                stderr=self._stderr,
                env=make_child_environment(home),
                preexec_fn=lambda: bind_to_parent(parent),
            )
        except FileNotFoundError as error:
            self._stderr.close()
            hint = "install it in the image that runs this program"
            raise ProgramError("program_missing", f"{self.name} is not installed", hint=hint) from error
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                widen_pipe(pipe.fileno())

    def read_stderr(self) -> str:
        """The end of what it wrote on standard error."""
        if self._stderr.closed:
            return ""
        size = os.fstat(self._stderr.fileno()).st_size
        data = os.pread(self._stderr.fileno(), STDERR_BYTES, max(0, size - STDERR_BYTES))
        return data.decode(errors="backslashreplace")

    def wait(self, *, timeout_seconds: float) -> int:
        """Its exit code (minus a signal's number); killed when the deadline passes."""
        try:
            if self.process.returncode is None:
                wait_for_end(self.process.pid, timeout_seconds=timeout_seconds)
            return self.process.wait(0)
        except subprocess.TimeoutExpired:
            self.stalled = True
            self.process.kill()
            return self.process.wait(KILL_WAIT_SECONDS)

    def read_to_end(self, *, timeout_seconds: float) -> tuple[bytes, int]:
        """All that it writes, and its exit code as `wait` gives it; killed when the deadline passes."""
        assert self.process.stdout is not None
        deadline, chunks = time.monotonic() + timeout_seconds, []
        poller = select.poll()
        poller.register(self.process.stdout, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            if poller.poll(left * 1000):
                chunk = os.read(self.process.stdout.fileno(), CHUNK_BYTES)
                if not chunk:
                    break
                chunks.append(chunk)
        return b"".join(chunks), self.wait(timeout_seconds=max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Kill it if it still runs, and give everything back; may be repeated."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(KILL_WAIT_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass  # unwritten bytes for a reader that is gone
        self._stderr.close()

    def make_failure(self, code: int) -> ProgramError:
        """The error of a stage that did not end with 0."""
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        if self.stalled:
            how = "stopped after making no progress"
        lines = [line for line in self.read_stderr().splitlines() if line.strip(" -")]
        # A client quotes the statement after its error: what counts is where that begins.
        begins = [number for number, line in enumerate(lines) if line.startswith("ERROR ")]
        first = begins[-1] if begins else max(0, len(lines) - SAID_LINES)
        said = " | ".join(lines[first : first + SAID_LINES])
        message = f"{self.name} failed: {how}" + (f": {said}" if said else "")
        return ProgramError(
            "stage_failed",
            message,
            hint="run again; if it fails again, read the log",
            retryable=code < 0 or self.stalled,
            params={"program": self.name, "exit": code},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def wait_for_end(pid: int, *, timeout_seconds: float) -> None:
    """Return when a child has ended or the time has passed, at once: Popen.wait looks only every 50 ms.

    The child must not have been reaped."""
    descriptor = os.pidfd_open(pid)
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        poller.poll(timeout_seconds * 1000)
    finally:
        os.close(descriptor)


def widen_pipe(descriptor: int) -> None:
    """Give a pipe as much room as an ordinary account may ask for, unless its other pipes already take too much."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        pass  # it works as it is, with more turns


class Watchdog:
    """Kills children that move nothing for STALL_SECONDS while they are waited for: `touch` says that something moved,
    `rest` that nobody waits for them until the next `touch`."""

    def __init__(self, *children: Child, stall_seconds: float = STALL_SECONDS) -> None:
        self._children = children
        self._stall_seconds = stall_seconds
        self._last: float | None = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def touch(self) -> None:
        """Something moved, or is waited for from now on."""
        self._last = time.monotonic()

    def rest(self) -> None:
        """Nobody waits for the children: they may stand still as long as they like."""
        self._last = None

    def _watch(self) -> None:
        while not self._ended.wait(min(1.0, self._stall_seconds / 4)):
            last = self._last
            if last is not None and time.monotonic() - last > self._stall_seconds:
                for child in self._children:
                    child.stalled = True
                    child.process.kill()
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(KILL_WAIT_SECONDS)


def run_command(
    argv: Sequence[str | bytes], *, timeout_seconds: float, data: bytes = b"", home: Path | None = None
) -> bytes:
    """Run to the end with `data` on its standard input; return its output. Raise ProgramError stage_failed."""
    with tempfile.TemporaryFile() as given:
        given.write(data)
        given.seek(0)
        # By a pipe: what a full disk took of a file would be taken for the whole answer.
        with Child(argv, stdin=given, home=home) as child:
            output, code = child.read_to_end(timeout_seconds=timeout_seconds)
            if code != 0:
                raise child.make_failure(code)
            return output


def drop_cached_pages(descriptor: int) -> None:
    """Ask the kernel to read the file from its disk next time; best effort (not all file systems can)."""
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError:
        pass
