"""Stopping everything under one root stops that and nothing else."""

import subprocess

from domain.specs import Component
from engine.local.launcher import MARKER_VARIABLE
from engine.local.layout import make_layout
from engine.local.limits import list_groups
from engine.local.processes import is_alive
from engine.local.servers import list_processes, list_processes_of, stop_all
from tests.builders import make_spec
from tests.engine.local.conftest import RunningParish
from tests.local_engines import provision, running_local_engine, wait_for_components


def test_all_of_one_root_is_stopped_and_nothing_else(parish: RunningParish) -> None:
    elsewhere = {MARKER_VARIABLE: f"{parish.engine.root}/other/instances/saint-paul/db"}
    with running_local_engine() as neighbour, subprocess.Popen(["sleep", "300"], env=elsewhere) as stranger:
        provision(neighbour, make_spec("saint-paul"))
        theirs = list_processes(neighbour.root)
        assert stop_all(parish.engine.root) >= 3
        assert list_processes(parish.engine.root) == {}
        assert list_groups(parish.engine.root, "saint-paul") == []
        assert stop_all(parish.engine.root) == 0
        records = list_processes(neighbour.root)
        database = next(process for process, mark in theirs.items() if mark.endswith("/db"))
        assert database in records and is_alive(database)
        assert stranger.poll() is None
        stranger.kill()
    parish.engine.apply(parish.spec)
    wait_for_components(parish.engine, parish.spec)


def test_a_server_asked_to_stop_while_it_starts_stops_cleanly(parish: RunningParish) -> None:
    """MariaDB 10.11 hangs when it is asked to end before it is ready."""
    engine, spec = parish.engine, parish.spec
    log = make_layout(engine.root, "saint-paul").path("log") / "db.log"
    for _ in range(3):
        engine.resume(spec)
        engine.suspend(spec)
        assert log.read_text().rstrip().endswith("Shutdown complete")
    engine.resume(spec)
    wait_for_components(engine, spec)


def test_processes_are_those_of_one_server(parish: RunningParish) -> None:
    layout = make_layout(parish.engine.root, "saint-paul")
    assert len(list_processes_of(layout, Component.DB.value)) == 1
    assert len(list_processes_of(layout, Component.HTTPD.value)) >= 2
    assert list_processes_of(make_layout(parish.engine.root, "saint"), Component.DB.value) == []
