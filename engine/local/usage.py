"""What the servers and runs of instances use now: from their cgroups where these count it, else from their processes.

CPU is the difference of two readings, `WINDOW_SECONDS` apart; memory is the working set of a cgroup (what the kernel
could drop at once left out, as Kubernetes counts it), or the resident memory of the processes.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import psutil

from domain.fleet import UsageSample
from domain.specs import JobProgram
from engine.local.job_environment import CONTAINERS
from engine.local.layout import Layout, list_identifiers, make_layout
from engine.local.limits import find_group_directories
from engine.local.observation import SERVERS
from engine.local.processes import Process, is_alive, read_record
from engine.local.servers import list_processes_of, make_group_name

WINDOW_SECONDS = 0.5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Subject:
    """One server or run that lives. `name`: of its processes, "db" or "jobs/<run>"."""

    layout: Layout
    name: str
    container: str

    @property
    def groups(self) -> list[Path]:
        """The directories of its cgroup, those that exist."""
        name = make_group_name(self.layout, self.name.replace("/", "-"))
        return [path for path in find_group_directories(self.layout.root, name) if path.is_dir()]


def measure_usage(root: Path, *, now: datetime, window_seconds: float = WINDOW_SECONDS) -> tuple[UsageSample, ...]:
    """Return one sample for each server and run that lives during the whole window."""
    subjects = [subject for identifier in list_identifiers(root) for subject in _list_living(root, identifier)]
    if not subjects:
        return ()
    before = {subject: _read_cpu_seconds(subject) for subject in subjects}
    started = time.monotonic()
    time.sleep(window_seconds)
    samples = []
    for subject, cpu_before in before.items():
        cpu_after, memory_bytes = _read_cpu_seconds(subject), _read_memory_bytes(subject)
        elapsed = time.monotonic() - started
        if memory_bytes:
            samples.append(
                UsageSample(
                    instance=subject.layout.identifier,
                    container=subject.container,
                    at=now,
                    cpu_millicores=round(max(0.0, cpu_after - cpu_before) * 1000 / elapsed),
                    memory_bytes=memory_bytes,
                )
            )
    return tuple(samples)


def _list_living(root: Path, identifier: str) -> Iterator[_Subject]:
    layout = make_layout(root, identifier)
    for component in SERVERS:
        record = read_record(layout.record(component))
        if record is not None and record.is_alive():
            yield _Subject(layout, component.value, component.value)
    directory = layout.path("jobs")
    for name in sorted(os.listdir(directory)) if directory.is_dir() else ():
        record = read_record(directory / name / "record.json")
        if record is not None and record.is_alive():
            asked = json.loads((directory / name / "spec.json").read_text(encoding="utf-8"))
            yield _Subject(layout, f"jobs/{name}", CONTAINERS[JobProgram(asked["program"])])


def _read_cpu_seconds(subject: _Subject) -> float:
    for group in subject.groups:
        counted = read_group_cpu_seconds(group)
        if counted is not None:
            return counted
    return sum(map(read_process_cpu_seconds, list_processes_of(subject.layout, subject.name)))


def _read_memory_bytes(subject: _Subject) -> int:
    for group in subject.groups:
        counted = read_group_memory_bytes(group)
        if counted:
            return counted
    return sum(map(read_process_memory_bytes, list_processes_of(subject.layout, subject.name)))


def read_group_cpu_seconds(group: Path) -> float | None:
    """Return the CPU time that a cgroup counted (v2 cpu.stat, v1 cpuacct.usage), None when it counts none."""
    try:
        if (group / "cpuacct.usage").is_file():
            return int((group / "cpuacct.usage").read_text(encoding="ascii")) / 1e9
        microseconds = _read_table(group / "cpu.stat").get("usage_usec")
    except OSError:
        return None
    return None if microseconds is None else microseconds / 1e6


def read_group_memory_bytes(group: Path) -> int | None:
    """Return a cgroup's working set (v2 memory.current, v1 memory.usage_in_bytes, less the inactive file pages), None
    when it counts none."""
    for usage, inactive in (("memory.current", "inactive_file"), ("memory.usage_in_bytes", "total_inactive_file")):
        try:
            total = int((group / usage).read_text(encoding="ascii"))
            return max(0, total - _read_table(group / "memory.stat").get(inactive, 0))
        except OSError:
            continue
    return None


def _read_table(path: Path) -> dict[str, int]:
    """Return a file of lines "name number"; a missing one is empty."""
    if not path.is_file():
        return {}
    pairs = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {name: int(number) for name, number in pairs}


def read_process_cpu_seconds(process: Process) -> float:
    """Return the CPU time of a process and of its children that ended; 0 when it is gone."""
    return _read(process, lambda one: float(sum(one.cpu_times()[:4]))) or 0.0


def read_process_memory_bytes(process: Process) -> int:
    """Return the resident memory of a process; 0 when it is gone."""
    return _read(process, lambda one: int(one.memory_info().rss)) or 0


def _read(process: Process, read: Callable[[psutil.Process], T]) -> T | None:
    """Return what `read` tells of a process; None when it is gone, or another one has its number by now."""
    try:
        told = read(psutil.Process(process.pid))
    except psutil.Error:
        return None
    return told if is_alive(process) else None
