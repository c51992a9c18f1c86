"""A real local engine for tests: own short root under /tmp, own ports, everything stopped at the end."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.specs import InstanceSpec, JobPhase, JobProgram, JobSpec, JobStatus
from engine.base import Engine
from engine.local.engine import LocalEngine
from engine.local.servers import list_processes, stop_all

WAIT_SECONDS = 300.0  # a machine under load
PORTS_PER_PROCESS = 40


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = WAIT_SECONDS) -> None:
    """Wait until `condition` holds. Raise AssertionError saying `what` did not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def choose_ports() -> range:
    """Return ports for this process: below the ephemeral ones, and unlikely to be another test process's."""
    first = 23000 + os.getpid() % 240 * PORTS_PER_PROCESS
    return range(first, first + PORTS_PER_PROCESS)


@contextmanager
def running_local_engine() -> Iterator[LocalEngine]:
    """Context: an engine on an empty root. At the end all is stopped and removed, and nothing may be left running."""
    root = Path(tempfile.mkdtemp(prefix="cpe-", dir="/tmp"))
    root.chmod(0o755)
    try:
        yield LocalEngine(root, ports=choose_ports(), account=None)
    finally:
        stop_all(root)
        left = list_processes(root)
        shutil.rmtree(root)
        assert not left


def run_to_end(engine: Engine, spec: InstanceSpec, job: JobSpec, *, seconds: float = WAIT_SECONDS) -> JobStatus:
    """Run a job and return its last status."""
    status = engine.run_job(spec, job)
    deadline = time.monotonic() + seconds
    while status.phase is JobPhase.RUNNING:
        assert time.monotonic() < deadline, f"{job.name} does not end: {status.log_tail}"
        time.sleep(0.02)
        status = engine.run_job(spec, job)
    return status


def make_job(name: str, program: JobProgram, *, set_of: str | None = None, deadline: int = 60, **env: str) -> JobSpec:
    """Return a job; `env` becomes its environment."""
    return JobSpec(name=name, program=program, environment=env, deadline_seconds=deadline, set_of=set_of)


def provision(engine: Engine, spec: InstanceSpec) -> None:
    """Bring an instance up from nothing: volumes, first data, servers, page."""
    engine.apply(spec)
    status = run_to_end(engine, spec, make_job("init", JobProgram.INIT))
    assert status.phase is JobPhase.SUCCEEDED, (status.result, status.log_tail)
    engine.apply(spec)
    wait_for_components(engine, spec)


def wait_for_components(engine: Engine, spec: InstanceSpec) -> None:
    """Wait until exactly the components of `spec` run."""
    identifier = spec.identifier
    wait_until(lambda: engine.observe(identifier).is_running(spec.components), f"{identifier} runs")
