"""Processes of this machine that are ours: recognised by pid, start time, boot and a mark in their environment."""

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import EngineUnavailable
from engine.local.launcher import MARKER_VARIABLE, read_boot_id, read_stat

KILL_SECONDS = 10.0
# How the fingerprint of what answers in a server's place begins.
STAND_IN = "stand-in "
_PREFIX = f"{MARKER_VARIABLE}=".encode()


@dataclass(frozen=True, slots=True)
class Process:
    """One process, for ever: a reused pid has another start time (clock ticks since boot)."""

    pid: int
    start_time: int


@dataclass(frozen=True, slots=True)
class Record:
    """What the launcher wrote about the last start of one name. `fingerprint`: of the configuration it runs with."""

    process: Process
    boot_id: str
    started_at: str
    limits: str
    fingerprint: str

    @property
    def stands_in(self) -> bool:
        """Whether it answers in the place of the server whose name it has."""
        return self.fingerprint.startswith(STAND_IN)

    def is_alive(self) -> bool:
        """Return whether that very process runs; a zombie or another process with its pid does not count."""
        return self.boot_id == read_boot_id() and is_alive(self.process)


def read_record(path: Path) -> Record | None:
    """Return the record at `path`, None when there is none. It is replaced atomically: never half read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Record(
        process=Process(pid=content["pid"], start_time=content["start_time"]),
        boot_id=content["boot_id"],
        started_at=content["started_at"],
        limits=content["limits"],
        fingerprint=content["fingerprint"],
    )


def is_alive(process: Process) -> bool:
    """Return whether `process` runs: same start time, and not a zombie."""
    try:
        state, _, start_time = read_stat(process.pid)
    except (OSError, IndexError, ValueError):
        return False
    return start_time == process.start_time and state not in ("Z", "X")


def send_signal(process: Process, number: signal.Signals) -> None:
    """Signal `process` and never another: the descriptor pins the pid before its start time is checked."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if is_alive(process):
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return
    finally:
        os.close(descriptor)


def wait_for_end(process: Process, seconds: float) -> bool:
    """Wait at most `seconds` for `process` to end; return whether it did."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        if not is_alive(process):
            return True
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def find_processes(mark: str) -> dict[Process, str]:
    """Return the living processes whose environment bears `mark` or a mark below it (a path), with their marks."""
    processes = {}
    wanted = mark.encode()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                variables = file.read()
            if _PREFIX not in variables:
                continue
            _, _, start_time = read_stat(int(name))
        except (OSError, IndexError, ValueError):
            continue
        for variable in variables.split(b"\0"):
            value = variable.removeprefix(_PREFIX)
            if value != variable and (value == wanted or value.startswith(wanted + b"/")):
                process = Process(pid=int(name), start_time=start_time)
                if is_alive(process):
                    processes[process] = value.decode(errors="replace")
    return processes


def find_processes_of(uid: int) -> list[Process]:
    """Return the living processes of a Unix account."""
    processes = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid != uid:
                    continue
                _, _, start_time = read_stat(int(name))
            except (OSError, IndexError, ValueError):
                continue
            process = Process(pid=int(name), start_time=start_time)
            if is_alive(process):
                processes.append(process)
    return processes


def kill_all(find: Callable[[], Iterable[Process]], instance: str) -> None:
    """Kill whatever `find` returns, again and again until it returns nothing. Raise EngineUnavailable when some
    process outlives its deadline (uninterruptible sleep)."""
    deadline = time.monotonic() + KILL_SECONDS
    while left := list(find()):
        if time.monotonic() > deadline:
            raise EngineUnavailable(instance=instance, detail=f"processes that cannot be killed: {left}")
        for process in left:
            send_signal(process, signal.SIGKILL)
        for process in left:
            wait_for_end(process, 1.0)
