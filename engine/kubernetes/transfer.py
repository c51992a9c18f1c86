"""A set of one instance for another of the same parish (a clone): their volumes are in different namespaces.

A Job beside the source hands the set over, one beside the target fetches it (programs send and receive), over TLS with
the source's certificate. For the time of one restore the target is lent the key that signs the source's sets.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.errors import CiviparoisseError
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.observe import check_identifier
from engine.kubernetes.paths import Reference
from engine.kubernetes.pods import has_ended, is_ending
from engine.kubernetes.records import read_namespace
from engine.kubernetes.run_context import RunContext
from engine.kubernetes.runs import Runs, read_runs
from manifests.instance import finish_object
from manifests.jobs import LENT_KEY_SECRET, OWN_KEY_SECRET
from manifests.tls import DB_NAME

TLS_SECRET = "selfcert"
WAITING = "waiting for the instance that has the backup"
COPYING = "copying the backup"
# Of the whole run, the part that copying is.
COPYING_SHARE = 2
# How long a sender waits for its receiver to come.
WAIT_SECONDS = 600

RunJob = Callable[[RunContext], JobStatus]


def ensure_copy(context: RunContext, *, run: RunJob) -> JobStatus | None:
    """Have the set of another instance beside the instance's own; None once it is there, or when none is needed.

    Return the run's status meanwhile, or as failed. Raise `set_elsewhere` when the source cannot give it.
    """
    source = context.lender
    if source is None:
        return None
    backup_id = context.job.environment["BACKUP_ID"]
    check_parish(context, source)
    lend(context.client, source, context.identifier)
    if has_copy(read_runs(context.client, context.identifier), backup_id, source=source):
        return None
    sending = replace(context, spec=replace(context.spec, identifier=source), job=make_sending(context.job, backup_id))
    sender = run(sending)
    if sender.phase in (JobPhase.FAILED, JobPhase.LOST):
        return _end(context, sender)
    address = find_address(context.client, source, sending.key)
    receiving = replace(context, job=make_receiving(context.job, backup_id, source=source, address=address))
    begun = receiving.key in read_runs(context.client, context.identifier)
    if not address and not begun:
        return JobStatus(name=context.job.name, phase=JobPhase.RUNNING, message=sender.message or WAITING)
    receiver = run(receiving)
    if receiver.phase is JobPhase.SUCCEEDED:
        return None
    if receiver.phase is JobPhase.RUNNING:
        progress = receiver.progress // COPYING_SHARE
        return JobStatus(name=context.job.name, phase=JobPhase.RUNNING, progress=progress, message=COPYING)
    context.client.delete(Reference("batch/v1", "Job", source, sending.key), instance=source, propagation="Foreground")
    return _end(context, receiver)


def check_parish(context: RunContext, source: str) -> None:
    """Raise `set_elsewhere` unless both instances are ours and of one parish: no key of another one is ever lent."""
    check_identifier(source)
    for identifier in (context.identifier, source):
        record = read_namespace(context.client, identifier)
        owned = record is not None and record.is_of(context.client.guard.manager)
        if record is None or not owned or record.tenant != context.spec.tenant:
            raise CiviparoisseError("set_elsewhere", source=source, instance=context.identifier)


def _end(context: RunContext, status: JobStatus) -> JobStatus:
    """Return the run as ended by the part of it that failed."""
    return replace(status, name=context.job.name)


def make_sending(job: JobSpec, backup_id: str) -> JobSpec:
    """Return the run beside the source."""
    environment = {"BACKUP_ID": backup_id, "WAIT_SECONDS": str(min(WAIT_SECONDS, job.deadline_seconds))}
    return replace(job, name=f"{job.name}-send", program=JobProgram.SEND, environment=environment, set_of=None)


def make_receiving(job: JobSpec, backup_id: str, *, source: str, address: str) -> JobSpec:
    """Return the run beside the target."""
    environment = {
        "BACKUP_ID": backup_id,
        "SOURCE": source,
        "SOURCE_ADDRESS": address,
        "SOURCE_NAME": f"{DB_NAME}.{source}.svc",
    }
    return replace(job, name=f"{job.name}-receive", program=JobProgram.RECEIVE, environment=environment, set_of=None)


def has_copy(runs: Runs, backup_id: str, *, source: str) -> bool:
    """Return whether the set that was received last is this one, whole: each run first removes what is there."""
    received = [run for run in runs.values() if run.program is JobProgram.RECEIVE]
    last = max(received, key=lambda run: run.asked_at, default=None)
    if last is None or last.phase is not JobPhase.SUCCEEDED:
        return False
    result = last.result or {}
    return result.get("backup_id") == backup_id and result.get("source") == source


def find_address(client: ClusterClient, source: str, key: str) -> str:
    """Return the address of the sender's pod, "" while it has none."""
    for pod in client.list("v1", "Pod", namespace=source, selector=f"batch.kubernetes.io/job-name={key}"):
        status = pod.get("status") or {}
        if status.get("phase") == "Running" and status.get("podIP") and not has_ended(pod) and not is_ending(pod):
            return str(status["podIP"])
    return ""


def lend(client: ClusterClient, source: str, target: str) -> None:
    """Have in the target's namespace what reading the source's set takes: its signing key and its authority. Raise
    `set_elsewhere` when the source has none any more."""
    lent_values: dict[str, str] = {}
    for name, key, lent in ((OWN_KEY_SECRET, "manifestKey", "manifestKey"), (TLS_SECRET, "dbcacert", "authority")):
        secret = client.get(Reference("v1", "Secret", source, name), instance=source)
        value = ((secret or {}).get("data") or {}).get(key)
        if not value:
            raise CiviparoisseError("set_elsewhere", source=source, instance=target)
        lent_values[lent] = value
    reference = make_lent_reference(target)
    metadata = {"name": reference.name, "namespace": target}
    object_: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "data": lent_values,
    }
    finish_object(object_, target)
    client.apply(object_, reference, instance=target)


def make_lent_reference(identifier: str) -> Reference:
    """Return the reference of the Secret with what is lent."""
    return Reference("v1", "Secret", identifier, LENT_KEY_SECRET)


def end_copy(context: RunContext) -> None:
    """Once a restore of another instance's set is over, or a look at its copy: take back what was lent for it."""
    if context.lender is not None and context.job.program in (JobProgram.RESTORE, JobProgram.CONSISTENCY):
        context.client.delete(make_lent_reference(context.identifier), instance=context.identifier)
