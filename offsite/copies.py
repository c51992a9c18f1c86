"""How sets get away: rows that say what is due, and jobs beside the instances that do it. No worker waits for any.

The clock calls `carry_copies` every minute. Whoever claims a row (one conditional UPDATE) looks at its job, or begins
the next; a failure is tried again after a growing pause, for as long as the set is kept.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from backups.models import Backup, BackupReason, BackupState
from domain.errors import CiviparoisseError
from domain.specs import InstanceKind, JobPhase, JobProgram, JobSpec, JobStatus
from domain.states import InstanceState
from engine.registry import get_engine
from offsite.comparing import compare_copy, sign_copy
from offsite.destinations import make_place
from offsite.keys import ensure_space, list_recipients
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind, make_opaque_name
from offsite.transfers import PREFIX as TRANSFER_PREFIX
from offsite.transfers import begin_transfer, carry_transfer, find_source, is_transfer
from operations.steps.programs import make_program_error
from operations.steps.servers import select_running
from tenants.specs import make_instance_spec

log = logging.getLogger("offsite")

CLAIM = timedelta(minutes=10)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
ACTIVE = (CopyState.WAITING, CopyState.COPYING, CopyState.THERE)
# Of data that is about to be thrown away: a copy of it protects nothing.
LEFT_OUT = (BackupReason.SAFETY,)


def carry_copies(*, now: datetime) -> int:
    """Ask for the copies that are due, and bring each one a step further; return how many were looked at."""
    ensure_rows()
    looked_at = 0
    for copy in list_due(now=now):
        claimed = BackupCopy.objects.filter(pk=copy.pk, state=copy.state).filter(
            Q(claimed_until=None) | Q(claimed_until__lt=now)
        )
        if claimed.update(claimed_until=now + CLAIM):
            looked_at += 1
            carry_on(copy, now=now)
    return looked_at


def ensure_rows() -> None:
    """Make the row of each good set of a production instance for each destination in use that has none."""
    for destination in Destination.objects.filter(enabled=True):
        has_copy = BackupCopy.objects.filter(backup=OuterRef("pk"), destination=destination)
        rows = Backup.objects.filter(~Exists(has_copy), state=BackupState.GOOD).exclude(verified_at=None)
        rows = rows.exclude(reason__in=LEFT_OUT).filter(instance__kind=InstanceKind.PRODUCTION)
        new = [BackupCopy(backup=backup, destination=destination) for backup in rows]
        BackupCopy.objects.bulk_create(new, ignore_conflicts=True)


def list_due(*, now: datetime) -> QuerySet[BackupCopy]:
    """Return the copies that something is to be done for, those under way first, then the newest sets. What waited and
    is good no longer, or whose instance is deleted, is not looked at again."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    can_begin = Q(backup__state=BackupState.GOOD) & ~Q(backup__instance__state=InstanceState.DELETED)
    rows = BackupCopy.objects.filter(due, ~Q(state=CopyState.WAITING) | can_begin)
    rows = rows.filter(state__in=ACTIVE, destination__enabled=True)
    related = rows.select_related("backup__instance__tenant", "destination")
    return related.order_by("state", "-backup__started_at")


def carry_on(copy: BackupCopy, *, now: datetime) -> None:
    """Bring one copy a step further, and note what came of it. Raises nothing that the destination or the engine
    said: it is kept on the row."""
    try:
        if copy.state == CopyState.THERE:
            compare_copy(copy, now=now)
        elif is_transfer(copy):
            carry_transfer(copy, now=now)
        elif copy.state == CopyState.COPYING or _may_begin(copy):
            _look_at_run(copy, now=now)
    except CiviparoisseError as error:
        note_failure(copy, error, now=now)
    finally:
        BackupCopy.objects.filter(pk=copy.pk).update(claimed_until=None)


def note_failure(copy: BackupCopy, error: CiviparoisseError, *, now: datetime) -> None:
    """Keep why it failed, and when it is tried again: each time after twice the pause, six hours at most."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(copy.attempts, 12))
    log.warning("copy of %s to %s: %s", copy.backup.backup_id, copy.destination.name, error.code)
    # What comes from another destination goes on from there: its set may be on no volume.
    begins_anew = copy.state == CopyState.COPYING and not is_transfer(copy)
    BackupCopy.objects.filter(pk=copy.pk).update(
        state=CopyState.WAITING if begins_anew else copy.state,
        run=copy.run if is_transfer(copy) else "",
        attempts=copy.attempts + 1,
        next_attempt_at=now + pause,
        error_code=error.code,
        error_params=error.params,
    )


def find_held(backup_ids: Collection[str]) -> dict[str, str]:
    """Return, of these sets, those that a copy under way reads, with what reads them."""
    rows = BackupCopy.objects.filter(backup__backup_id__in=backup_ids, state=CopyState.COPYING)
    return {
        backup_id: f"copy to {name}" for backup_id, name in rows.values_list("backup__backup_id", "destination__name")
    }


def copy_again(copy: BackupCopy) -> None:
    """Have a set copied anew, under other names: what is there is never replaced. It comes from its volume, or from
    another destination where it is no longer there. Raise CiviparoisseError `copy_name_taken`."""
    if copy.state in (*ACTIVE, CopyState.REMOVING):
        return
    source = None if copy.backup.state == BackupState.GOOD else find_source(copy)
    if source is not None:
        begin_transfer(copy, source)
        return
    BackupCopy.objects.filter(pk=copy.pk).exclude(state__in=(*ACTIVE, CopyState.REMOVING)).update(
        state=CopyState.WAITING,
        name=make_opaque_name(),
        # What is left of it there goes with the next removal of copies.
        left_names=copy.left_names if copy.state == CopyState.GONE else [*copy.left_names, copy.name],
        run="",
        attempts=0,
        next_attempt_at=None,
        contents_name="",
        countersignature="",
        checked_at=None,
        opened_at=None,
        held_until=None,
        removed_at=None,
        hidden_objects=0,
    )


def _may_begin(copy: BackupCopy) -> bool:
    """Return whether a waiting copy's turn has come: not too many are sent to that place."""
    at_work = Destination.objects.filter(pk=copy.destination_id).aggregate(
        count=Count("copies", filter=Q(copies__state=CopyState.COPYING) & ~Q(copies__run__startswith=TRANSFER_PREFIX))
    )
    return bool(at_work["count"] < copy.destination.at_most)


def _look_at_run(copy: BackupCopy, *, now: datetime) -> None:
    """Begin the copy's run, or note how the one under way ended."""
    instance, destination = copy.backup.instance, copy.destination
    engine = get_engine(instance.engine)
    if destination.kind == DestinationKind.DIRECTORY and engine.runs_schedules:
        raise CiviparoisseError("destination_unusable_here", destination=destination.name, instance=instance.identifier)
    if not copy.run:
        copy.run = f"copy-{copy.pk}-{copy.name[:6]}-{copy.attempts + 1}"
        # The keys of now, whatever is rotated while it runs.
        copy.recipients = list_recipients(instance.tenant)
        BackupCopy.objects.filter(pk=copy.pk).update(state=CopyState.COPYING, run=copy.run, recipients=copy.recipients)
        copy.state = CopyState.COPYING
    observed = engine.observe(instance.identifier)
    if copy.backup.backup_id not in observed.backup_ids:
        raise CiviparoisseError("backup_missing", instance=instance.identifier, backup_id=copy.backup.backup_id)
    spec = make_instance_spec(instance, components=select_running(observed))
    status = engine.run_job(spec, make_copy_job(copy))
    if status.phase is JobPhase.RUNNING:
        return
    if status.phase is JobPhase.LOST:
        raise CiviparoisseError("job_lost", instance=instance.identifier, program=JobProgram.COPY.value)
    if status.phase is JobPhase.FAILED:
        raise make_program_error(instance.identifier, JobProgram.COPY, status)
    _note_sent(copy, status, now=now)


def make_copy_job(copy: BackupCopy) -> JobSpec:
    """Return the run that seals and sends a set: what it is given is all that a pod ever holds of a destination."""
    tenant = copy.backup.instance.tenant
    return JobSpec(
        name=copy.run,
        program=JobProgram.COPY,
        environment={
            "BACKUP_ID": copy.backup.backup_id,
            "RECIPIENTS": " ".join(copy.recipients),
            "SET_NAME": f"{ensure_space(tenant).name}/{copy.name}",
        },
        deadline_seconds=settings.COPY_TIMEOUT_SECONDS,
        secrets={"DESTINATION": make_place(copy.destination, writes_only=True).format()},
    )


def _note_sent(copy: BackupCopy, status: JobStatus, *, now: datetime) -> None:
    """Note what was sent, then look whether it is there: only then it counts."""
    result: dict[str, Any] = dict(status.result or {})
    contents = result["contents"]
    told = {
        "contents_name": contents["name"],
        "contents_bytes": contents["bytes"],
        "contents_sha256": contents["sha256"],
        "contents_md5": contents["checksum"],
        "object_count": result["objects"],
        "sealed_bytes": result["sealed_bytes"],
    }
    cleared: dict[str, Any] = {
        "run": "",
        "error_code": "",
        "error_params": {},
        "next_attempt_at": None,
        "copied_at": now,
    }
    BackupCopy.objects.filter(pk=copy.pk).update(state=CopyState.THERE, **told, **cleared)
    copy.refresh_from_db()
    sign_copy(copy)
    compare_copy(copy, now=now)
