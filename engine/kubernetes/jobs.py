"""Runs of programs as Jobs: each name at most once, its result kept after the Job is gone."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.cluster import TlsBundle
from domain.errors import ClusterInvalid, ClusterUnreachable, EngineUnavailable, NotFound
from domain.specs import JobPhase, JobProgram, JobStatus
from engine.kubernetes.autoscaler import do_nodes_come
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ApiCall, ObjectExists, ObjectMissing
from engine.kubernetes.given import give, take_back
from engine.kubernetes.job_deadline import extend_deadline
from engine.kubernetes.job_status import find_end, make_status, select_pod
from engine.kubernetes.lifecycle import apply_and_observe
from engine.kubernetes.namespaces import check_namespace
from engine.kubernetes.observe import check_identifier
from engine.kubernetes.paths import Reference, make_path
from engine.kubernetes.pods import Pod, get_label, has_ended
from engine.kubernetes.proof import PROVEN_PROGRAMS, ensure_database, judge, make_inspection, note_proven
from engine.kubernetes.records import make_sets_change, merge_sets, read_namespace, update_namespace
from engine.kubernetes.run_context import RunContext
from engine.kubernetes.runs import Run, Runs, finish_run, read_runs, update_runs
from engine.kubernetes.transfer import end_copy, ensure_copy
from engine.redaction import list_secret_values, redact
from manifests.blueprints import load_blueprint
from manifests.jobs import compute_job_name, find_job, make_job_object
from manifests.labels import COMPONENT_LABEL, OURS, PROGRAM_LABEL

BATCH_JOB_LABEL = "batch.kubernetes.io/job-name"
# Jobs refer to Secrets by name: no certificate is part of one.
NO_TLS = TlsBundle(ca_certificate="", ca_key="", db_certificate="", db_key="", httpd_certificate="", httpd_key="")
# A Job that was asked for and is not there within this time was never made, or is no more: its run is lost.
CREATION_SECONDS = 60
# One of these at a time: they write what the others read. Their own schedule starts backups too.
EXCLUSIVE = frozenset({JobProgram.INIT, JobProgram.UPDATE, JobProgram.BACKUP, JobProgram.RESTORE, JobProgram.DISCARD})
LOG_LINES = 60
LOG_BYTES = 65536
CANCEL_GRACE_SECONDS = 10
CANCEL_WAIT_SECONDS = 25.0
POLL_SECONDS = 0.5


def run_job(context: RunContext) -> JobStatus:
    """Start the run unless its name was ever started, and return its status now; see Engine.run_job."""
    check_identifier(context.identifier)
    job = context.client.get(make_job_reference(context.identifier, context.key), instance=context.identifier)
    if job is not None and find_end(job) is None:
        give(context, uid=job["metadata"].get("uid", ""))
        return observe_run(context, job)
    run = read_runs(context.client, context.identifier).get(context.key)
    if job is None:
        return _start(context, run) if run is None or run.phase is None else run.make_status()
    status = _settle(context, job) if run is None or run.phase is None else run.make_status()
    if context.job.program is JobProgram.INIT and status.phase is JobPhase.SUCCEEDED:
        # Its log shows every password; how it ended is noted. A failed one stays to be looked at, for a while.
        context.client.delete(make_job_reference(context.identifier, context.key), instance=context.identifier)
    return status


def make_job_reference(identifier: str, key: str) -> Reference:
    """Return the reference of a Job."""
    return Reference("batch/v1", "Job", identifier, key)


def observe_run(context: RunContext, job: dict[str, Any]) -> JobStatus:
    """Return where a run is, from its Job, its pod and the end of its log; what it waited for is not taken from its
    time."""
    pod = select_pod(list_pods_of(context.client, context.identifier, context.key))
    if find_end(job) is None:
        extend_deadline(context, job, pod)
    container = find_job(load_blueprint(context.spec.release.blueprint), context.job).container
    log = read_log(context, pod, container) if pod is not None else ""
    nodes_come = do_nodes_come(context.client, context.settings, [pod] if pod else [], now=context.now())
    return make_status(
        context.job.name, context.job.program, job, pod, container=container, log=log, nodes_come=nodes_come
    )


def list_pods_of(client: ClusterClient, identifier: str, key: str) -> list[Pod]:
    """Return the pods of a Job, ended ones too."""
    return list(client.list("v1", "Pod", namespace=identifier, selector=f"{BATCH_JOB_LABEL}={key}"))


def read_log(context: RunContext, pod: Pod, container: str) -> str:
    """Return the end of a container's log without the instance's secrets; empty when there is none to read yet."""
    name = pod["metadata"]["name"]
    path = make_path(Reference("v1", "Pod", context.identifier, name)) + "/log"
    call = ApiCall(verb="get", resource="pods/log", name=name, instance=context.identifier)
    query = {"container": container, "tailLines": str(LOG_LINES), "limitBytes": str(LOG_BYTES)}
    try:
        text = context.client.read_text(path, call, query=query)
    except (ClusterInvalid, ClusterUnreachable, ObjectMissing):
        return ""  # not started, or its node does not answer: a run's state does not hang on its log
    if len(text.encode()) >= LOG_BYTES:
        text = text.rpartition("\n")[0]  # the last line may be half a secret
    return redact(text, (*context.job.secrets.values(), *list_secret_values(context.spec)))


def _start(context: RunContext, run: Run | None) -> JobStatus:
    """Make the Job of a run that has none."""
    now = context.now()
    if run is not None and (run.uid or now - run.asked_at > timedelta(seconds=CREATION_SECONDS)):
        lost = JobStatus(name=context.job.name, phase=JobPhase.LOST, message="its Job is gone", ended_at=now)
        return note_end(context, lost)
    record = read_namespace(context.client, context.identifier)
    if record is None:
        raise NotFound(what="instance", name=context.identifier)
    check_namespace(context.client, context.identifier, record)
    blocking = find_blocking(context)
    if blocking:
        return JobStatus(name=context.job.name, phase=JobPhase.RUNNING, message=f"waits for the end of {blocking}")
    copying = ensure_copy(context, run=run_job)
    if copying is not None:
        return copying if copying.phase is JobPhase.RUNNING else note_end(context, copying)
    object_ = make_job_object(context.spec, context.job, context.settings, tls=NO_TLS)
    asked = Run(name=context.job.name, program=context.job.program, asked_at=now)
    runs = update_runs(context.client, context.identifier, lambda runs: {context.key: runs.get(context.key, asked)})
    if runs[context.key].phase is not None:
        return runs[context.key].make_status()
    reference = make_job_reference(context.identifier, context.key)
    try:
        created = context.client.create(object_, reference, instance=context.identifier)
    except ObjectExists:
        return JobStatus(name=context.job.name, phase=JobPhase.RUNNING, started_at=now)
    uid: str = created["metadata"]["uid"]
    give(context, uid=uid)

    def note_uid(runs: Runs) -> Runs:
        present = runs.get(context.key, asked)
        return {context.key: present if present.phase is not None else replace(present, uid=uid)}

    noted = update_runs(context.client, context.identifier, note_uid)[context.key]
    if noted.phase is not None:
        # It was cancelled in between: what was decided then holds.
        context.client.delete(reference, instance=context.identifier, propagation="Foreground", uid=uid)
        return noted.make_status()
    return JobStatus(name=context.job.name, phase=JobPhase.RUNNING, started_at=now)


def find_blocking(context: RunContext) -> str:
    """Return the name of a Job that must end before this one may begin, "" when there is none."""
    if context.job.program not in EXCLUSIVE:
        return ""
    for pod in context.client.list("v1", "Pod", namespace=context.identifier, selector=OURS):
        name = get_label(pod, BATCH_JOB_LABEL)
        program = get_label(pod, PROGRAM_LABEL) or get_label(pod, COMPONENT_LABEL)
        if name and name != context.key and program in EXCLUSIVE and not has_ended(pod):
            return name
    return ""


def _settle(context: RunContext, job: dict[str, Any]) -> JobStatus:
    """Return how a run ended, once it has; what only a look at the data can tell is looked at first."""
    status = observe_run(context, job)
    if status.phase is JobPhase.SUCCEEDED and context.job.program in PROVEN_PROGRAMS:
        status = _prove(context, status)
    return status if status.phase is JobPhase.RUNNING else note_end(context, status)


def _prove(context: RunContext, status: JobStatus) -> JobStatus:
    client, spec, now = context.client, context.spec, context.now()
    waiting = ensure_database(client, spec, context.settings, status, now=now)
    if waiting is None:
        inspection = run_job(replace(context, job=make_inspection(context.job)))
        status = judge(status, inspection)
        if status.phase is JobPhase.SUCCEEDED and context.job.program is JobProgram.INIT:
            note_proven(client, context.identifier, now=now)
    else:
        status = waiting
    record = read_namespace(client, context.identifier) if status.phase is JobPhase.FAILED else None
    if record is not None and (context.job.program is JobProgram.UPDATE or not record.initialised):
        # What is not proven does not run. A second init that went wrong touched nothing: that instance runs on.
        apply_and_observe(client, replace(spec, components=frozenset()), context.settings, now=now)
    return status


def note_end(context: RunContext, status: JobStatus) -> JobStatus:
    """Write down how a run ended, and which sets that leaves; the first verdict stays."""
    begun = Run(name=context.job.name, program=context.job.program, asked_at=status.started_at or context.now())

    def finish(runs: Runs) -> Runs:
        present = runs.get(context.key, begun)
        return {context.key: present if present.phase is not None else finish_run(present, status)}

    run = update_runs(context.client, context.identifier, finish)[context.key]
    note_sets(context.client, context.identifier, run)
    end_copy(context)
    if context.job.secrets:
        take_back(context.client, context.identifier, context.key)
    return run.make_status()


def note_sets(client: ClusterClient, identifier: str, run: Run) -> None:
    """Write on the namespace which set a run made or removed, or all that it saw."""
    result = run.result or {}
    if run.phase is not JobPhase.SUCCEEDED or not result.get("ok"):
        return
    backup_id = str(result.get("backup_id") or "")
    if run.program in (JobProgram.BACKUP, JobProgram.FETCH) and backup_id:
        update_namespace(client, identifier, lambda record: make_sets_change(*merge_sets(record, made=(backup_id,))))
    elif run.program is JobProgram.DISCARD and backup_id:
        update_namespace(
            client, identifier, lambda record: make_sets_change(*merge_sets(record, discarded=(backup_id,)))
        )
    elif run.program is JobProgram.INSPECT and isinstance(result.get("sets"), str):
        seen = tuple(result["sets"].split())
        update_namespace(
            client,
            identifier,
            lambda record: make_sets_change(
                *merge_sets(record, made=seen, discarded=tuple(set(record.sets) - set(seen)))
            ),
        )


def cancel_job(client: ClusterClient, identifier: str, name: str, *, now: datetime) -> None:
    """Kill a run and wait until its pods are gone; see Engine.cancel_job. What it runs in its place goes first: a copy
    that it waits for, a look at what it made. Raise EngineUnavailable (retryable) when one does not end in time."""
    check_identifier(identifier)
    for ending in ("-receive", "-proof", ""):
        _cancel_one(client, identifier, f"{name}{ending}", now=now)


def _cancel_one(client: ClusterClient, identifier: str, name: str, *, now: datetime) -> None:
    key = compute_job_name(name)
    reference = make_job_reference(identifier, key)
    job = client.get(reference, instance=identifier)
    run = read_runs(client, identifier).get(key)
    if (job is None and run is None) or (run is not None and run.phase is not None and job is None):
        return
    if job is not None and find_end(job) is not None:
        return
    program = run.program if run else JobProgram(get_label(job, PROGRAM_LABEL)) if job else JobProgram.CRON
    lost = JobStatus(name=name, phase=JobPhase.LOST, message="it was cancelled", ended_at=now)

    def finish(runs: Runs) -> Runs:
        present = runs.get(key, Run(name=name, program=program, asked_at=now))
        return {key: present if present.phase is not None else finish_run(present, lost)}

    update_runs(client, identifier, finish)
    client.delete(reference, instance=identifier, propagation="Foreground")
    _end_pods(client, identifier, key)


def _end_pods(client: ClusterClient, identifier: str, key: str) -> None:
    for pod in list_pods_of(client, identifier, key):
        reference = Reference("v1", "Pod", identifier, pod["metadata"]["name"])
        client.delete(reference, instance=identifier, grace_seconds=CANCEL_GRACE_SECONDS)
    deadline = time.monotonic() + CANCEL_WAIT_SECONDS
    while left := [pod for pod in list_pods_of(client, identifier, key) if not has_ended(pod)]:
        if time.monotonic() > deadline:
            detail = f"the pod {left[0]['metadata']['name']} has not ended yet"
            raise EngineUnavailable(instance=identifier, detail=detail)
        time.sleep(POLL_SECONDS)
