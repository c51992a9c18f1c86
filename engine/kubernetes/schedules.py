"""The runs that an instance's own schedules started: found by their Jobs, and nightly backups kept when those go."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.fleet import ScheduledRun
from domain.specs import JobPhase, JobProgram, JobStatus
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.job_status import Job, make_status, select_pod
from engine.kubernetes.jobs import BATCH_JOB_LABEL, note_sets
from engine.kubernetes.observe import check_identifier
from engine.kubernetes.pods import Pod, get_label, get_name, parse_time
from engine.kubernetes.records import read_namespace
from engine.kubernetes.runs import Run, Runs, finish_run, read_runs, update_runs
from manifests.labels import COMPONENT_LABEL, JOB_LABEL, OURS

# Cron runs six times an hour: its Jobs are all that is kept of them.
KEPT_PROGRAM = JobProgram.BACKUP


def list_scheduled_runs(client: ClusterClient, identifier: str, *, now: datetime) -> tuple[ScheduledRun, ...]:
    """Return the runs still known, the oldest first; ended backups are written down, so that they stay known when
    their Jobs are removed (engine.kubernetes.runs says how many)."""
    check_identifier(identifier)
    record = read_namespace(client, identifier)
    if record is None or not record.is_of(client.guard.manager) or record.kept:
        return ()
    jobs = [job for job in client.list("batch/v1", "Job", namespace=identifier, selector=OURS) if is_scheduled(job)]
    pods: dict[str, list[Pod]] = defaultdict(list)
    for pod in client.list("v1", "Pod", namespace=identifier, selector=OURS):
        pods[get_label(pod, BATCH_JOB_LABEL)].append(pod)
    remembered = {key: run for key, run in read_runs(client, identifier).items() if run.scheduled}
    runs = {**remembered}
    for job in jobs:
        name = get_name(job)
        if name not in remembered:
            runs[name] = _make_run(job, make_scheduled_status(job, pods[name]), now=now)
    _keep(client, identifier, {key: run for key, run in runs.items() if key not in remembered})
    return tuple(
        map(_make_scheduled, sorted(runs.values(), key=lambda run: (run.started_at or run.asked_at, run.name)))
    )


def is_scheduled(job: Job) -> bool:
    """Return whether a schedule made the Job: a CronJob owns it, and nobody asked for it by name."""
    owners = job["metadata"].get("ownerReferences") or ()
    return not get_label(job, JOB_LABEL) and any(owner.get("kind") == "CronJob" for owner in owners)


def find_program(job: Job) -> JobProgram:
    """Return which program a schedule's Job runs."""
    return JobProgram(get_label(job, COMPONENT_LABEL))


def make_scheduled_status(job: Job, pods: Iterable[Pod]) -> JobStatus:
    """Return where such a run is. Its program's container has the program's own name."""
    program = find_program(job)
    return make_status(get_name(job), program, job, select_pod(pods), container=program.value)


def _make_run(job: Job, status: JobStatus, *, now: datetime) -> Run:
    asked_at = parse_time(job["metadata"].get("creationTimestamp")) or now
    run = Run(name=status.name, program=find_program(job), asked_at=asked_at, scheduled=True)
    run = finish_run(run, status)
    return run


def _keep(client: ClusterClient, identifier: str, runs: Mapping[str, Run]) -> None:
    ended = {key: run for key, run in runs.items() if run.program is KEPT_PROGRAM and run.phase is not JobPhase.RUNNING}
    if not ended:
        return

    def add(present: Runs) -> Runs:
        return {key: run for key, run in ended.items() if key not in present}

    update_runs(client, identifier, add)
    for run in ended.values():
        note_sets(client, identifier, run)


def _make_scheduled(run: Run) -> ScheduledRun:
    return ScheduledRun(
        name=run.name,
        program=run.program,
        phase=run.phase or JobPhase.LOST,
        started_at=run.started_at or run.asked_at,
        ended_at=run.ended_at,
        result=run.result,
    )
