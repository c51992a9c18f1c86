"""Whether init or update did what it should: their images end well also when they did nothing.

The story is in docs/traps.md#half-failed-init.

Once such a run has ended well, the database server is started, and the program `inspect` looks: the server answers, the
three databases have tables, both settings files are there. Only then has the run succeeded; for init the verdict is
written on the namespace, which lets servers start from then on.
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.cluster import ClusterSettings
from domain.specs import Component, ComponentPhase, InstanceSpec, JobPhase, JobProgram, JobSpec, JobStatus
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.job_status import make_error
from engine.kubernetes.lifecycle import apply_and_observe
from engine.kubernetes.observe import observe_instance
from engine.kubernetes.records import INITIALISED, update_namespace

PROVEN_PROGRAMS = frozenset({JobProgram.INIT, JobProgram.UPDATE})
# The server's start probe allows ten minutes for a recovery; after an init or update there is nothing to recover.
START_SECONDS = 300
INSPECT_SECONDS = 300
STARTING_PROGRESS, INSPECTING_PROGRESS = 90, 95


def make_inspection(job: JobSpec) -> JobSpec:
    """Return the run that looks at what `job` made. Its name follows from the job's: there is one."""
    environment = {"LOOK": "data", "PROVE": "1"}
    return JobSpec(
        name=f"{job.name}-proof",
        program=JobProgram.INSPECT,
        environment=environment,
        deadline_seconds=INSPECT_SECONDS,
    )


def ensure_database(
    client: ClusterClient, spec: InstanceSpec, settings: ClusterSettings, status: JobStatus, *, now: datetime
) -> JobStatus | None:
    """Start the database server beside what runs; return None once it is ready, else the run's status meanwhile."""
    observed = observe_instance(client, spec.identifier)
    stopped = (ComponentPhase.STOPPED, ComponentPhase.FAILED)
    running = {name for name, seen in observed.components.items() if seen.phase not in stopped}
    wanted = dataclasses.replace(spec, components=frozenset({Component.DB, *running}))
    observed = apply_and_observe(client, wanted, settings, now=now, unproven=True)
    database = observed.components[Component.DB]
    if database.phase is ComponentPhase.READY:
        return None
    if status.ended_at is not None and now - status.ended_at > timedelta(seconds=START_SECONDS):
        text = f"the database server did not start within {START_SECONDS} seconds: {database.detail}"
        return fail(status, text)
    return _wait(status, f"starting the database server to look at the data ({database.detail})", STARTING_PROGRESS)


def judge(status: JobStatus, inspection: JobStatus) -> JobStatus:
    """Return the run's status after what the inspection says."""
    if inspection.phase is JobPhase.RUNNING:
        return _wait(status, "looking at the data", INSPECTING_PROGRESS)
    facts = inspection.result or {}
    if inspection.phase is JobPhase.SUCCEEDED and facts.get("complete") is True:
        return dataclasses.replace(status, result={"ok": True, **_select_facts(facts)}, ended_at=inspection.ended_at)
    if inspection.phase is JobPhase.SUCCEEDED:
        missing = ", ".join(map(str, facts.get("missing") or ())) or "?"
        return fail(status, f"its data is not complete: {missing}")
    error = (inspection.result or {}).get("error") or {}
    return fail(status, f"its data could not be looked at: {error.get('message') or inspection.message}")


def fail(status: JobStatus, text: str) -> JobStatus:
    """Return the run as one that ended well and did not do its work."""
    result = make_error("init_incomplete", text, "Look at the end of its log.", retryable=True)
    return dataclasses.replace(status, phase=JobPhase.FAILED, progress=0, message=text, result=result)


def note_proven(client: ClusterClient, identifier: str, *, now: datetime) -> None:
    """Write on the namespace that the initial data was proven; the first proof stays."""
    update_namespace(
        client,
        identifier,
        lambda record: {} if record.initialised else {INITIALISED: now.isoformat(timespec="seconds")},
    )


def _wait(status: JobStatus, message: str, progress: int) -> JobStatus:
    return dataclasses.replace(
        status, phase=JobPhase.RUNNING, progress=progress, message=message, result=None, ended_at=None
    )


def _select_facts(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in ("tables", "civicrm_version") if name in result}
