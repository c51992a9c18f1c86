"""The whole machine at once: one node, a pod for each server and run, a volume for each directory with data."""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.fleet import ObservedFleet, ObservedNode, ObservedPod, ObservedVolume
from domain.reservations import NOTHING, Reservation
from domain.specs import Component, JobProgram
from engine.local.job_environment import CONTAINERS
from engine.local.layout import Layout, list_identifiers, make_layout
from engine.local.observation import SERVERS, observe_instance
from engine.local.processes import read_record

STORAGE_CLASS = "directory"
# Directory of an instance -> the field of its plan with the size that it stands for.
VOLUMES = {
    "db": "db_volume_bytes",
    "files": "files_volume_bytes",
    "private": "private_volume_bytes",
    "backups": "backups_volume_bytes",
}
KIBIBYTE = 1024


def observe_machine(root: Path, *, now: datetime) -> ObservedFleet:
    """Return everything below the engine's `root`, and the machine it is on."""
    layouts = [make_layout(root, identifier) for identifier in list_identifiers(root)]
    observed = [observe_instance(layout) for layout in layouts]
    plans = {layout.identifier: read_plan(layout) for layout in layouts}
    return ObservedFleet(
        at=now,
        instances={instance.identifier: instance for instance in observed if instance.exists or instance.backup_ids},
        nodes=(observe_node(),),
        pods=tuple(pod for layout in layouts for pod in list_pods(layout, plans[layout.identifier])),
        volumes=tuple(volume for layout in layouts for volume in list_volumes(layout, plans[layout.identifier])),
    )


def observe_node(meminfo: Path = Path("/proc/meminfo")) -> ObservedNode:
    """Return the machine as a node: its processors that we may use, and its memory."""
    total = next(line for line in meminfo.read_text(encoding="ascii").splitlines() if line.startswith("MemTotal:"))
    allocatable = Reservation(len(os.sched_getaffinity(0)) * 1000, int(total.split()[1]) * KIBIBYTE)
    return ObservedNode(name=get_node_name(), allocatable=allocatable)


def get_node_name() -> str:
    """Return the machine's own name."""
    return socket.gethostname()


def read_plan(layout: Layout) -> Mapping[str, Any]:
    """Return the plan last applied, as its desired state keeps it; empty when the instance has none any more."""
    try:
        plan: dict[str, Any] = json.loads(layout.state.read_text(encoding="utf-8"))["plan"]
    except FileNotFoundError:
        return {}
    return plan


def compute_request(plan: Mapping[str, Any], container: str) -> Reservation:
    """Return what the plan requests for one container; nothing when it does not know it."""
    sizes = plan.get("containers", {}).get(container)
    return Reservation(sizes["cpu_request_millicores"], sizes["memory_request_bytes"]) if sizes else NOTHING


def list_pods(layout: Layout, plan: Mapping[str, Any]) -> Iterator[ObservedPod]:
    """Yield the servers that run, and every run still known."""
    for component in SERVERS:
        record = read_record(layout.record(component))
        if record is not None and record.is_alive():
            yield ObservedPod(
                name=f"{layout.identifier}/{component.value}",
                node=get_node_name(),
                instance=layout.identifier,
                component=component.value,
                reserved=compute_request(plan, component.value),
                started_at=datetime.fromisoformat(record.started_at),
            )
    directory = layout.path("jobs")
    for name in sorted(os.listdir(directory)) if directory.is_dir() else ():
        pod = _observe_run(layout, name, plan)
        if pod is not None:
            yield pod


def _observe_run(layout: Layout, name: str, plan: Mapping[str, Any]) -> ObservedPod | None:
    """Return one run; None when it never started, or is being removed."""
    directory = layout.job(name)
    try:
        record = read_record(directory / "record.json")
        asked = json.loads((directory / "spec.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if record is None:
        return None
    alive = record.is_alive()
    ended = _read_ended(directory / "ended.json")
    holds = alive and ended is None
    started_at = datetime.fromisoformat(record.started_at)
    program = JobProgram(asked["program"])
    return ObservedPod(
        name=f"{layout.identifier}/{name}",
        node=get_node_name(),
        instance=layout.identifier,
        component=program.value,
        job=name,
        reserved=compute_request(plan, CONTAINERS[program]) if holds else NOTHING,
        started_at=started_at,
        # A killed supervisor writes no end: the run's directory was last changed when its work was.
        ended_at=None if holds else _find_end(ended, directory, started_at),
        failed=not holds and (ended is None or ended["exit_code"] != 0 or ended["deadline_exceeded"]),
    )


def _find_end(ended: Mapping[str, Any] | None, directory: Path, started_at: datetime) -> datetime:
    if ended is not None:
        return datetime.fromisoformat(ended["ended_at"])
    last = datetime.fromtimestamp((directory / "stdout").stat().st_mtime, tz=started_at.tzinfo)
    return max(started_at, last)


def _read_ended(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return content


def list_volumes(layout: Layout, plan: Mapping[str, Any]) -> Iterator[ObservedVolume]:
    """Yield the directories with data. Their capacity is what the plan gives them, which nothing enforces; what was
    kept after a purge has no plan any more and counts with what it holds."""
    records = {component: read_record(layout.record(component)) for component in SERVERS}
    running = {component for component, record in records.items() if record is not None and record.is_alive()}
    users = {"db": {Component.DB}, "files": {Component.HTTPD}, "private": {Component.HTTPD}}
    for name, size in VOLUMES.items():
        path = layout.path(name)
        if path.is_dir():
            yield ObservedVolume(
                name=f"{layout.identifier}/{name}",
                capacity_bytes=plan[size] if size in plan else compute_size(path),
                storage_class=STORAGE_CLASS,
                instance=layout.identifier,
                claim=name,
                is_bound=bool(plan),
                is_mounted=bool(users.get(name, set()) & running),
            )


def compute_size(directory: Path) -> int:
    """Return the bytes of all files below `directory`; what vanishes meanwhile counts nothing."""
    total = 0
    for place, _directories, files in os.walk(directory):
        for file in files:
            try:
                total += os.lstat(os.path.join(place, file)).st_size
            except FileNotFoundError:
                continue
    return total
