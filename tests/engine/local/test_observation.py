"""Observing is quick and changes nothing; half-made instances and squatted ports are told from sound ones."""

import os
import signal
import socket
from functools import partial
from pathlib import Path

from domain.specs import Component, ComponentPhase, JobPhase, JobProgram
from engine.local.layout import make_layout
from engine.local.ports import LOOPBACK, is_free, observe_listener, read_claims
from engine.local.processes import kill_all, read_record
from engine.local.servers import list_processes_of
from tests.builders import make_spec
from tests.engine.local.conftest import RunningParish
from tests.local_engines import make_job, run_to_end, wait_for_components, wait_until

LOOKS = 20


def list_files(root: Path) -> list[tuple[str, int]]:
    # Logs, sockets and the servers' own files change by themselves.
    places = [root / "ports", *(root / "instances" / "saint-paul" / name for name in ("config", "records", "jobs"))]
    return sorted((str(path), path.lstat().st_mtime_ns) for place in places for path in (place, *place.rglob("*")))


def compute_cpu_seconds() -> float:
    """Return what this process and its ended children worked: however busy the machine is, the same for the same."""
    return sum(os.times()[:4])


def test_looking_costs_milliseconds_and_changes_nothing(parish: RunningParish) -> None:
    wait_for_components(parish.engine, parish.spec)
    before = list_files(parish.engine.root)
    began = compute_cpu_seconds()
    for _ in range(LOOKS):
        parish.engine.observe("saint-paul")
    assert (compute_cpu_seconds() - began) / LOOKS < 0.2
    wait_for_components(parish.engine, parish.spec)
    assert list_files(parish.engine.root) == before
    assert list(parish.engine.root.joinpath("instances").iterdir())[0].name == "saint-paul"


def test_looking_leaves_no_line_in_the_server_s_log(parish: RunningParish) -> None:
    parish.engine.observe("saint-paul")
    log = make_layout(parish.engine.root, "saint-paul").path("log") / "db.log"
    assert "Aborted connection" not in log.read_text()


def test_a_squatted_port_is_a_failure_that_says_so(parish: RunningParish) -> None:
    """Until the instance is applied again, which takes another port."""
    engine, spec = parish.engine, parish.spec
    for component in (Component.HTTPD, Component.DB):
        port = read_claims(engine.root, "saint-paul")[component.value]
        layout = make_layout(engine.root, "saint-paul")
        kill_all(partial(list_processes_of, layout, component.value), "saint-paul")
        wait_until(partial(is_free, port), "nobody of its own holds the port")
        with socket.socket() as squatter:
            squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            squatter.bind((LOOPBACK, port))
            squatter.listen()
            seen = engine.observe("saint-paul").components[component]
            assert (seen.phase, seen.detail) == (ComponentPhase.FAILED, f"port {port} is used by another process")
            engine.resume(spec)
            wait_for_components(engine, spec)
            assert read_claims(engine.root, "saint-paul")[component.value] != port


def test_an_instance_that_lost_its_settings_is_not_taken_for_a_new_one(parish: RunningParish) -> None:
    """Trap g1 the other way round: init neither believes it whole nor wipes it; its database runs, for a restore."""
    engine, spec = parish.engine, parish.spec
    settings = make_layout(engine.root, "saint-paul").path("files") / "default" / "settings.php"
    aside = settings.with_name("aside.php")
    settings.rename(aside)
    assert not engine.observe("saint-paul").initialised
    status = run_to_end(engine, spec, make_job("init-damaged", JobProgram.INIT))
    assert status.phase is JobPhase.FAILED
    assert status.result is not None and status.result["error"]["code"] == "instance_damaged"
    assert engine.apply(spec).components[Component.DB].phase is ComponentPhase.READY
    aside.rename(settings)
    assert engine.observe("saint-paul").initialised


def test_servers_wait_for_their_first_data(parish: RunningParish) -> None:
    observed = parish.engine.apply(make_spec("saint-jean"))
    assert observed.exists and not observed.initialised
    for component in Component:
        assert observed.components[component].phase is ComponentPhase.STOPPED
        assert "waits for its initial data" in observed.components[component].detail
    assert parish.engine.delete("saint-jean", keep_backups=False).remains == ()


def test_a_killed_server_is_told_from_one_that_gave_a_reason(parish: RunningParish) -> None:
    engine, spec = parish.engine, parish.spec
    layout = make_layout(engine.root, "saint-paul")
    record = read_record(layout.record(Component.DB))
    assert record is not None
    os.kill(record.process.pid, signal.SIGKILL)
    wait_until(lambda: not record.is_alive(), "the server is gone")
    endpoint = engine.observe("saint-paul").database
    assert endpoint is not None
    # Its threads may hold the port a moment longer than it is seen alive.
    wait_until(lambda: observe_listener(endpoint.port) is None, "the kernel has closed its port")
    log = layout.path("log") / "db.log"
    for text, said in (("all is well\n", " without an error: all is well"), ("an Error: 5\nbye\n", ": an Error: 5")):
        log.write_text(text)
        assert engine.observe("saint-paul").components[Component.DB].detail == f"stopped by itself{said}"
    engine.apply(spec)
    wait_for_components(engine, spec)


def test_the_children_of_a_killed_web_server_are_not_taken_for_another_s(parish: RunningParish) -> None:
    engine, spec = parish.engine, parish.spec
    record = read_record(make_layout(engine.root, "saint-paul").record(Component.HTTPD))
    assert record is not None
    os.kill(record.process.pid, signal.SIGKILL)
    wait_until(lambda: not record.is_alive(), "the server is gone")
    seen = engine.observe("saint-paul").components[Component.HTTPD]
    assert seen.phase is ComponentPhase.FAILED and seen.detail.startswith("stopped by itself")
    engine.apply(spec)
    wait_for_components(engine, spec)


def test_a_look_at_room_is_seen_with_the_instance(parish: RunningParish) -> None:
    engine, spec = parish.engine, parish.spec
    engine.apply(spec)
    wait_for_components(engine, spec)
    job = make_job("room-20261130060000000000", JobProgram.INSPECT, LOOK="room")
    assert run_to_end(engine, spec, job).phase is JobPhase.SUCCEEDED
    room = engine.observe("saint-paul").room
    assert room is not None and room.write_error == "" and set(room.percents) == {"db", "files", "private", "backups"}
