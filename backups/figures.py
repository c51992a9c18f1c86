"""What people know of an instance, counted as it is now: a look beside its servers, by whoever waits for a page."""

import json
import logging
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import CiviparoisseError
from domain.specs import Component, ComponentPhase, JobPhase, JobProgram, JobSpec, JobStatus
from engine.base import Engine
from engine.registry import get_engine
from operations.hooks import tell_run
from operations.steps.servers import select_running
from programs.run.figures import FILES
from tenants.models import Instance
from tenants.specs import make_instance_spec

# A page waits for it: an image that is there starts within seconds, and counting takes as long as reading a table.
LOOK_SECONDS = 60
POLL_SECONDS = 0.2

log = logging.getLogger("backups")


def observe_figures(instance: Instance, *, since: Mapping[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    """Return {"at", "counts"} as programs/figures.py tells them, with what was entered and changed since `since` (the
    figures of a set); None where it cannot be known: the database does not run, the engine does not answer, or it took
    longer than LOOK_SECONDS. Takes seconds: call it outside of any transaction. Changes nothing and never raises
    CiviparoisseError."""
    try:
        status = _run_look(get_engine(instance.engine), instance, since=since)
    except CiviparoisseError as error:
        log.warning("figures of %s: %s", instance.identifier, error.code)
        return None
    if status is None:
        return None
    tell_run(instance, program=JobProgram.FIGURES.value, status=status, now=now)
    figures = (status.result or {}).get("figures")
    if status.phase is not JobPhase.SUCCEEDED or not isinstance(figures, dict):
        said = (status.result or {}).get("error") or {}
        log.warning("figures of %s: %s", instance.identifier, said.get("code", status.phase.value))
        return None
    return figures


def _run_look(engine: Engine, instance: Instance, *, since: Mapping[str, Any] | None) -> JobStatus | None:
    """Return how the run ended; None where the database does not run, and where the time was over."""
    observed = engine.observe(instance.identifier)
    database = observed.components.get(Component.DB)
    if database is None or database.phase is not ComponentPhase.READY:
        log.warning("figures of %s: the database does not run", instance.identifier)
        return None
    spec = make_instance_spec(instance, components=select_running(observed))
    job = JobSpec(
        name=f"{JobProgram.FIGURES.value}-{secrets.token_hex(6)}",
        program=JobProgram.FIGURES,
        environment={"SINCE": format_since(since)} if since else {},
        deadline_seconds=LOOK_SECONDS,
    )
    deadline = time.monotonic() + LOOK_SECONDS
    status = engine.run_job(spec, job)
    while status.phase is JobPhase.RUNNING and not status.is_hopeless:
        if time.monotonic() > deadline:
            engine.cancel_job(instance.identifier, job.name)
            log.warning("figures of %s: not within %s seconds", instance.identifier, LOOK_SECONDS)
            return None
        time.sleep(min(POLL_SECONDS, engine.poll_seconds))  # between two looks, not instead of one
        status = engine.run_job(spec, job)
    if status.is_hopeless:
        engine.cancel_job(instance.identifier, job.name)
    return status


def format_since(figures: Mapping[str, Any]) -> str:
    """Return the figures of a set as the program's variable SINCE: its moment, and the highest key of each figure."""
    last = {code: one["last"] for code, one in figures["counts"].items() if code != FILES and "last" in one}
    return json.dumps({"at": figures["at"], "last": last}, sort_keys=True, separators=(",", ":"))
