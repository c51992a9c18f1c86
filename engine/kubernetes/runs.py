"""What became of the last runs of an instance: a ConfigMap in its namespace, which outlives the Jobs themselves.

A run is written down before its Job is made, and once more when it has ended: so a name never runs twice, also after
its Job was removed (its time to live, a cancel, somebody's hand). Each change is made on what was read, or again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.specs import JobPhase, JobProgram, JobStatus
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ObjectChanged, ObjectExists
from engine.kubernetes.paths import Reference
from engine.kubernetes.pods import parse_time
from engine.kubernetes.records import RECORDER
from manifests.instance import finish_object

NAME = "civiparoisse-runs"
# Each entry has a result of at most 4 KiB and the end of a log; a ConfigMap takes 1 MiB.
KEPT_RUNS = 30
LOG_LENGTH = 4000
TRIES = 8

Runs = dict[str, "Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as it is remembered. `phase` None: asked for, and not known to have ended. `uid`: of its Job, "" while it
    is not known to exist. `scheduled`: the instance's own schedule started it."""

    name: str
    program: JobProgram
    asked_at: datetime
    uid: str = ""
    phase: JobPhase | None = None
    result: Mapping[str, Any] | None = None
    message: str = ""
    log_tail: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    scheduled: bool = False

    def make_status(self) -> JobStatus:
        """Return its status; one that has not ended is lost, since its Job is no more."""
        phase = self.phase or JobPhase.LOST
        return JobStatus(
            name=self.name,
            phase=phase,
            progress=100 if phase is JobPhase.SUCCEEDED else 0,
            message=self.message,
            result=self.result,
            log_tail=self.log_tail,
            started_at=self.started_at or self.asked_at,
            ended_at=self.ended_at or self.started_at or self.asked_at,
        )


def finish_run(run: Run, status: JobStatus) -> Run:
    """Return the run with how it ended."""
    return replace(
        run,
        phase=status.phase,
        result=status.result,
        message=status.message,
        log_tail=status.log_tail[-LOG_LENGTH:],
        started_at=status.started_at,
        ended_at=status.ended_at,
    )


def make_runs_reference(identifier: str) -> Reference:
    """Return the reference of the ConfigMap."""
    return Reference("v1", "ConfigMap", identifier, NAME)


def read_runs(client: ClusterClient, identifier: str) -> Runs:
    """Return the runs by the name of their Job; empty when none was ever written down."""
    config_map = client.get(make_runs_reference(identifier), instance=identifier)
    return parse_runs((config_map or {}).get("data") or {})


def parse_runs(data: Mapping[str, str]) -> Runs:
    """Return what the ConfigMap holds; an entry that somebody broke is left out."""
    runs = {}
    for key, text in data.items():
        try:
            runs[key] = _parse_run(json.loads(text))
        except (KeyError, TypeError, ValueError):
            continue
    return runs


def _parse_run(content: Mapping[str, Any]) -> Run:
    return Run(
        name=content["name"],
        program=JobProgram(content["program"]),
        asked_at=datetime.fromisoformat(content["asked_at"]),
        uid=content["uid"],
        phase=JobPhase(content["phase"]) if content["phase"] else None,
        result=content["result"],
        message=content["message"],
        log_tail=content["log_tail"],
        started_at=parse_time(content["started_at"]),
        ended_at=parse_time(content["ended_at"]),
        scheduled=content["scheduled"],
    )


def format_run(run: Run) -> str:
    """Return one run as the ConfigMap keeps it."""
    return json.dumps(
        {
            "name": run.name,
            "program": run.program.value,
            "asked_at": run.asked_at.isoformat(),
            "uid": run.uid,
            "phase": run.phase.value if run.phase else None,
            "result": run.result,
            "message": run.message,
            "log_tail": run.log_tail,
            "started_at": run.started_at.isoformat() if run.started_at else None,
            "ended_at": run.ended_at.isoformat() if run.ended_at else None,
            "scheduled": run.scheduled,
        },
        sort_keys=True,
    )


def update_runs(client: ClusterClient, identifier: str, change: Callable[[Runs], Runs]) -> Runs:
    """Write the entries that `change` makes of the runs as they are; return all of them as they then are.

    Nothing is written when nothing changes. The oldest that have ended are forgotten beyond the last `KEPT_RUNS`.
    Raise ObjectMissing without the instance's namespace.
    """
    reference = make_runs_reference(identifier)
    for attempt in range(TRIES):
        config_map = client.get(reference, instance=identifier)
        if config_map is None:
            config_map = _create(client, identifier, reference)
            if config_map is None:
                continue
        data = config_map.get("data") or {}
        runs = parse_runs(data)
        entries = {key: format_run(run) for key, run in change(dict(runs)).items()}
        wanted: dict[str, str | None] = {key: text for key, text in entries.items() if data.get(key) != text}
        if not wanted:
            return runs
        after = parse_runs({**data, **entries})
        forgotten = select_forgotten(after)
        wanted |= dict.fromkeys(forgotten, None)
        patch = {"metadata": {"resourceVersion": config_map["metadata"]["resourceVersion"]}, "data": wanted}
        try:
            client.merge(reference, patch, manager=RECORDER, instance=identifier)
        except ObjectChanged:
            if attempt == TRIES - 1:
                raise
            continue
        return {key: run for key, run in after.items() if key not in forgotten}
    raise ObjectChanged(instance=identifier, object=str(reference), field="data", manager="?", retryable=True)


def _create(client: ClusterClient, identifier: str, reference: Reference) -> dict[str, Any] | None:
    """Create the empty ConfigMap; None when somebody else just did."""
    metadata = {"name": reference.name, "namespace": identifier}
    object_ = {"apiVersion": reference.api_version, "kind": reference.kind, "metadata": metadata, "data": {}}
    finish_object(object_, identifier)
    try:
        return client.create(object_, reference, instance=identifier)
    except ObjectExists:
        return None


def select_forgotten(runs: Runs, *, keep: int = KEPT_RUNS) -> list[str]:
    """Return the keys of the oldest runs that have ended, beyond the last `keep` of these."""
    ended = [(run.ended_at or run.asked_at, key) for key, run in runs.items() if run.phase is not None]
    return [key for _moment, key in sorted(ended)[: max(0, len(ended) - keep)]]
