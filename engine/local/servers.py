"""Start and stop an instance's two servers; each start is one name that only one process tree can hold."""

import hashlib
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from domain.errors import EngineUnavailable
from domain.specs import Component, Resources
from engine.local.accounts import Account
from engine.local.db_server import greets
from engine.local.launch import Launch, launch
from engine.local.launcher import read_stat
from engine.local.layout import Layout, list_identifiers
from engine.local.limits import apply_limits, list_members, remove_group
from engine.local.processes import (
    STAND_IN,
    Process,
    Record,
    find_processes,
    kill_all,
    read_record,
    send_signal,
    wait_for_end,
)

# A clean shutdown of InnoDB on a quarter of a CPU; Apache ends its workers at once.
START_SECONDS = 20.0
POLL_SECONDS = 0.02
# The page closes before its database does.
SERVERS_IN_STOP_ORDER = (Component.HTTPD, Component.DB)
STOP_SECONDS = {Component.DB: 30.0, Component.HTTPD: 10.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What should run as one component. `configuration`: its text, so that a change restarts this server only.
    `stands_in`: it answers in the component's place, which counts as stopped (observation.py)."""

    component: Component
    argv: list[str]
    configuration: str
    resources: Resources
    data_bytes: int
    environment: Mapping[str, str] = field(default_factory=dict)
    stands_in: bool = False

    @property
    def fingerprint(self) -> str:
        """Digest of all that a restart is needed for."""
        digest = hashlib.sha256("\0".join([*self.argv, self.configuration]).encode()).hexdigest()
        return f"{STAND_IN}{digest}" if self.stands_in else digest


def make_group_name(layout: Layout, name: str) -> str:
    """Return the name of the cgroup of a server or job. Identifiers hold no dot: no other's name begins like this."""
    return f"{layout.identifier}.{name}"


def list_processes_of(layout: Layout, name: str) -> list[Process]:
    """Return the living processes of a server or job: those with its mark and those in its cgroup."""
    processes = dict(find_processes(layout.mark(name)))
    for pid in list_members(layout.root, make_group_name(layout, name.replace("/", "-"))):
        try:
            state, _, start_time = read_stat(pid)
        except (OSError, IndexError, ValueError):
            continue
        if state not in ("Z", "X"):
            processes[Process(pid=pid, start_time=start_time)] = name
    return list(processes)


def ensure_running(layout: Layout, server: Server, account: Account) -> None:
    """Have exactly this server running: left alone when it runs with this configuration, else (re)started."""
    component = server.component
    record = read_record(layout.record(component))
    group = make_group_name(layout, component.value)
    if record is not None and record.is_alive() and record.fingerprint == server.fingerprint:
        apply_limits(layout.root, group, server.resources)
        return
    ensure_stopped(layout, component)
    # Apache takes any process with the pid of a dead predecessor for itself, and does not start.
    (layout.path("run") / f"{component.value}.pid").unlink(missing_ok=True)
    log = layout.path("log") / f"{component.value}.log"
    request = Launch(
        instance=layout.identifier,
        root=layout.root,
        mark=layout.mark(component.value),
        record=layout.record(component),
        lock=layout.lock(component),
        argv=server.argv,
        environment={"HOME": str(layout.path("run")), "TMPDIR": str(layout.path("run")), **server.environment},
        directory=layout.path("run"),
        stdout=log,
        stderr=log,
        group=group,
        resources=server.resources,
        data_bytes=server.data_bytes,
        fingerprint=server.fingerprint,
    )
    if not launch(request, account):
        detail = f"{component.value} is being started by another process"
        raise EngineUnavailable(instance=layout.identifier, detail=detail)


def ensure_stopped(layout: Layout, component: Component) -> None:
    """Stop a server: first kindly, then by force, with whatever it left behind; forget its record."""
    record = read_record(layout.record(component))
    if record is not None and record.is_alive():
        if component is Component.DB:
            wait_for_greeting(layout.socket, record)
        send_signal(record.process, signal.SIGTERM)
        wait_for_end(record.process, STOP_SECONDS[component])
    end_processes(layout, component.value)
    layout.record(component).unlink(missing_ok=True)


def wait_for_greeting(socket: Path, record: Record) -> None:
    """Let a database server finish its start: MariaDB 10.11 asked to end meanwhile hangs for ever."""
    deadline = time.monotonic() + START_SECONDS
    while record.is_alive() and not greets(socket) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def end_processes(layout: Layout, name: str) -> None:
    """Kill every process of a server or job, wait until they are gone, and remove their cgroup."""
    kill_all(lambda: list_processes_of(layout, name), layout.identifier)
    remove_group(layout.root, make_group_name(layout, name.replace("/", "-")))


def list_processes(root: Path) -> dict[Process, str]:
    """Return every living process of every instance under the engine's `root`, with the mark it bears."""
    return find_processes(str(root.resolve() / "instances"))


def stop_all(root: Path) -> int:
    """Stop every process of every instance under `root`, kindly first, and nothing else; return how many there were.

    What is desired stays written: the next apply starts it again.
    """
    root = root.resolve()
    count = len(list_processes(root))
    layouts = [Layout(root=root, identifier=identifier) for identifier in list_identifiers(root)]
    for layout in layouts:
        for component in SERVERS_IN_STOP_ORDER:
            ensure_stopped(layout, component)
    kill_all(lambda: list_processes(root), "*")
    for layout in layouts:
        names = chain((Component.HTTPD.value, Component.DB.value), list_job_names(layout))
        for name in names:
            end_processes(layout, name)
    return count


def list_job_names(layout: Layout) -> list[str]:
    """Return the names of processes of the instance's jobs ("jobs/<name>")."""
    directory = layout.path("jobs")
    return [f"jobs/{path.name}" for path in sorted(directory.iterdir())] if directory.is_dir() else []
