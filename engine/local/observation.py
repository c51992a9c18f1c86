"""What is really there of one instance, read from files and /proc: nothing is changed, no connection is left open."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.room import ROOM_JOB, ObservedRoom, parse_room
from domain.specs import DATABASES, Component, ComponentPhase, Endpoint, ObservedComponent, ObservedInstance
from engine.local.db_server import greets
from engine.local.layout import Layout, list_backups
from engine.local.limits import list_groups
from engine.local.ports import LOOPBACK, has_socket, observe_listener, read_claims
from engine.local.processes import Record, find_processes, read_record

LOG_BYTES = 4096
RESULT_BYTES = 65536
SERVERS = (Component.DB, Component.HTTPD)


def observe_instance(layout: Layout) -> ObservedInstance:
    """Return what there is of the instance."""
    desired = read_state(layout)
    claims = read_claims(layout.root, layout.identifier)
    records = {component: read_record(layout.record(component)) for component in SERVERS}
    initialised = is_initialised(layout)
    components = {
        component: _observe_server(layout, component, records[component], claims.get(component.value), desired)
        for component in SERVERS
    }
    components[Component.CRON] = _observe_cron(desired, initialised=initialised)
    remains = list_remains(layout, claims)
    db_port, httpd_port = claims.get(Component.DB.value), claims.get(Component.HTTPD.value)
    return ObservedInstance(
        identifier=layout.identifier,
        exists=bool(remains),
        initialised=initialised,
        components=components,
        database=Endpoint(host=LOOPBACK, port=db_port, socket=str(layout.socket)) if db_port else None,
        url=f"http://{LOOPBACK}:{httpd_port}/" if httpd_port and Component.HTTPD.value in desired else None,
        limits=_describe_limits(records),
        remains=remains,
        backup_ids=list_backups(layout),
        # Nobody but the manager of this machine makes instances on it.
        manager="",
        room=find_room(layout),
    )


def find_room(layout: Layout) -> ObservedRoom | None:
    """Return what the last look at the instance's room saw, None where none has ended yet."""
    try:
        names = [name for name in os.listdir(layout.path("jobs")) if name.startswith(f"{ROOM_JOB}-")]
    except FileNotFoundError:
        return None
    for name in sorted(names, reverse=True):
        path = layout.job(name) / "result.json"
        try:
            with path.open("rb") as file:
                result = json.loads(file.read(RESULT_BYTES))
                ended_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, tz=UTC)
        except (FileNotFoundError, ValueError):
            continue
        if isinstance(result, dict) and (room := parse_room(result, ended_at)) is not None:
            return room
    return None


def read_state(layout: Layout) -> frozenset[str]:
    """Return the components last asked for; empty when the instance was never applied."""
    try:
        content: dict[str, Any] = json.loads(layout.state.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return frozenset()
    return frozenset(content["components"])


def is_marked(layout: Layout) -> bool:
    """Return whether init once ended well and its data directory is still there: enough to start the servers, which
    a restore under way needs too."""
    return layout.marker.is_file() and (layout.data / "mysql").is_dir()


def is_initialised(layout: Layout) -> bool:
    """Return whether the instance has all that init makes (docs/traps.md#half-failed-init): its marker, tables in
    each of the three databases, and both settings files."""
    settings = (layout.path("files") / "default" / name for name in ("settings.php", "civicrm.settings.php"))
    return (
        is_marked(layout)
        and all(_has_tables(layout.data / database) for database in DATABASES)
        and all(path.is_file() for path in settings)
    )


def _has_tables(directory: Path) -> bool:
    try:
        return any(name.endswith((".ibd", ".frm")) for name in os.listdir(directory))
    except FileNotFoundError:
        return False


def _observe_server(
    layout: Layout, component: Component, record: Record | None, port: int | None, desired: frozenset[str]
) -> ObservedComponent:
    if record is None or port is None:
        waits = component.value in desired and not is_marked(layout)
        return ObservedComponent(
            phase=ComponentPhase.STOPPED, detail="waits for its initial data" if waits else "not started"
        )
    if record.stands_in:
        shown = "shows the page of a closed site" if record.is_alive() else "not started"
        return ObservedComponent(phase=ComponentPhase.STOPPED, detail=shown)
    listener = observe_listener(port)
    where = f"pid {record.process.pid}, {LOOPBACK}:{port}"
    foreign = listener is not None and not has_socket(record.process.pid, listener)
    if not record.is_alive():
        # A web server's children outlive it when it is killed, and keep its port until it is started again.
        left = find_processes(layout.mark(component.value)) if foreign else {}
        foreign = foreign and not any(has_socket(process.pid, listener or "") for process in left)
        reason = f"port {port} is used by another process" if foreign else _read_last_error(layout, component)
        phase = ComponentPhase.FAILED if component.value in desired else ComponentPhase.STOPPED
        return ObservedComponent(phase=phase, detail=reason)
    if foreign:
        return ObservedComponent(phase=ComponentPhase.FAILED, detail=f"port {port} is used by another process")
    ready = listener is not None and (component is not Component.DB or greets(layout.socket))
    return ObservedComponent(phase=ComponentPhase.READY if ready else ComponentPhase.STARTING, detail=where)


def is_taken(layout: Layout, use: str, port: int) -> bool:
    """Return whether somebody who is nobody of the instance's server listens on its port."""
    listener = observe_listener(port)
    if listener is None:
        return False
    record = read_record(layout.record(Component(use)))
    if record is not None and record.is_alive() and has_socket(record.process.pid, listener):
        return False
    return not any(has_socket(process.pid, listener) for process in find_processes(layout.mark(use)))


def _observe_cron(desired: frozenset[str], *, initialised: bool) -> ObservedComponent:
    if Component.CRON.value not in desired:
        return ObservedComponent(phase=ComponentPhase.STOPPED, detail="its schedule is off")
    if not initialised:
        return ObservedComponent(phase=ComponentPhase.STOPPED, detail="waits for its initial data")
    return ObservedComponent(phase=ComponentPhase.READY, detail="its schedule is on")


def _read_last_error(layout: Layout, component: Component) -> str:
    try:
        with (layout.path("log") / f"{component.value}.log").open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LOG_BYTES))
            lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    except FileNotFoundError:
        return "stopped by itself, without a log"
    if errors := [line for line in lines if "error" in line.lower()]:
        return f"stopped by itself: {errors[-1][:300]}"
    # It was killed, by the machine's memory or by somebody, or says what ails it in other words.
    return f"stopped by itself without an error: {lines[-1][:300]}" if lines else "stopped by itself, with an empty log"


def _describe_limits(records: dict[Component, Record | None]) -> str:
    texts = [f"{component.value}: {record.limits}" for component, record in records.items() if record is not None]
    return "; ".join(texts) if texts else "nothing runs"


def list_remains(layout: Layout, claims: dict[str, int]) -> tuple[str, ...]:
    """Return what a purge would still have to remove: directories, processes, cgroups, ports; backups excluded."""
    remains = []
    if layout.directory.is_dir():
        remains += [str(path) for path in sorted(layout.directory.iterdir()) if path.name != "backups"]
    remains += [str(layout.run)] if layout.run.is_dir() else []
    remains += [f"process {process.pid}" for process in find_processes(str(layout.directory))]
    remains += [str(path) for path in list_groups(layout.root, layout.identifier)]
    return tuple(remains + [f"port {port}" for port in sorted(claims.values())])
