"""What engines ran by themselves while nobody looked: found, checked, and recorded.

A backup is good once its set was read back through the engine, as those that were asked for. Everything may be
repeated: a set is known by its identifier.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from backups.logins import record_logins
from backups.models import Backup, BackupReason, BackupState
from backups.records import FIGURES, record_checked, record_failure
from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet, ObservedPod, ScheduledRun
from domain.schedules import compute_slot
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from domain.states import InstanceState
from engine.base import Engine
from operations.fleets import list_scheduling_engines, observe_fleets
from operations.models import Operation
from operations.steps.programs import make_program_error
from tenants.models import Instance
from tenants.specs import make_instance_spec, select_wanted_components

log = logging.getLogger("backups")

# How often this is called (settings), and every instance is looked at once a day even if no pod of a run is left.
PERIOD_SECONDS = 300
PERIODS_PER_DAY = 86_400 // PERIOD_SECONDS
# A check that was lost is begun again under another name, so many times.
MOST_CHECKS = 3
# An engine that does not answer is asked again for so long.
GIVEN_UP_AFTER = timedelta(days=2)
# Another backup was at work: that one is recorded.
BUSY = "backup_busy"


def record_scheduled_runs(*, now: datetime) -> list[str]:
    """Note the crons and backups that ran by themselves, check the new backups; return the identifiers of the instances
    whose runs were listed. One look at each engine says which those are; one instance's fault stops no other's look."""
    engines = list_scheduling_engines()
    looked_at = []
    for name, fleet in observe_fleets(engines).items():
        pods = _group_ended_pods(fleet) if fleet is not None else {}
        for instance in _list_instances(name) if fleet is not None else ():
            try:
                _note_cron(instance, pods.get(instance.identifier, ()))
                if _is_worth_a_look(instance, pods.get(instance.identifier, ()), now=now):
                    looked_at.append(instance.identifier)
                    _record_backups(instance, engines[name].list_scheduled_runs(instance.identifier))
            except CiviparoisseError as error:
                log.warning("scheduled runs of %s: %s %s", instance.identifier, error.code, error.params)
    for backup in _list_unchecked(list(engines)):
        _check(backup, engines[backup.instance.engine], now=now)
    return looked_at


def _group_ended_pods(fleet: ObservedFleet) -> dict[str, list[ObservedPod]]:
    """Return the pods of crons and backups that have ended, by instance."""
    programs = (JobProgram.CRON.value, JobProgram.BACKUP.value)
    groups = defaultdict(list)
    for pod in fleet.pods:
        if pod.instance is not None and pod.component in programs and pod.ended_at is not None:
            groups[pod.instance].append(pod)
    return groups


def _list_instances(engine: str) -> QuerySet[Instance, Any]:
    newest = Backup.objects.filter(instance=OuterRef("pk"), reason=BackupReason.SCHEDULED).order_by("-ended_at")
    rows = Instance.objects.filter(engine=engine).exclude(state__in=[InstanceState.NEW, InstanceState.DELETED])
    return rows.defer("secrets").annotate(recorded_until=newest.values("ended_at")[:1])


def _note_cron(instance: Instance, pods: Sequence[ObservedPod]) -> None:
    """Note when the last cron run that has ended began, and whether it succeeded."""
    runs = [pod for pod in pods if pod.component == JobProgram.CRON.value and pod.started_at is not None]
    last = max(runs, key=_get_start, default=None)
    if last is None or (instance.cron_last_run_at is not None and _get_start(last) <= instance.cron_last_run_at):
        return
    Instance.objects.filter(pk=instance.pk).update(cron_last_run_at=last.started_at, cron_last_ok=not last.failed)
    if last.failed:
        log.warning("cron of %s: failed", instance.identifier)


def _get_start(pod: ObservedPod) -> datetime:
    assert pod.started_at is not None
    return pod.started_at


def _is_worth_a_look(instance: Any, pods: Sequence[ObservedPod], *, now: datetime) -> bool:
    """Return whether a backup may have ended that is not recorded."""
    until: datetime | None = instance.recorded_until
    ends = [pod.ended_at for pod in pods if pod.component == JobProgram.BACKUP.value and pod.ended_at is not None]
    if any(until is None or end > until for end in ends):
        return True
    # The pod of a failed run may be gone, with its node for example.
    period = int(now.timestamp()) // PERIOD_SECONDS % PERIODS_PER_DAY
    return period == compute_slot(instance.identifier, "look", PERIODS_PER_DAY)


def _record_backups(instance: Instance, runs: Sequence[ScheduledRun]) -> None:
    """Make a row for every backup that has ended and has none: still to be checked, or failed with its error."""
    for run in runs:
        ended = run.program is JobProgram.BACKUP and run.phase is not JobPhase.RUNNING
        result = dict(run.result or {})
        error = result.get("error") or {}
        if not ended or error.get("code") == BUSY:
            continue
        if run.phase is JobPhase.SUCCEEDED and run.ended_at is not None:
            # Each time: it is only in the run's result, and says nothing of the set, which is still to be checked.
            record_logins(instance, result, now=run.ended_at)
        backup_id = str(result.get("backup_id") or _make_backup_id(run))
        options = {"instance": instance, "reason": BackupReason.SCHEDULED.value, "ended_at": run.ended_at}
        figures = {name: result.get(name) for name in FIGURES}
        told = {"warnings": list(result.get("warnings") or []), "manifest_sha256": result.get("manifest_sha256") or ""}
        row, is_new = Backup.objects.get_or_create(backup_id=backup_id, defaults={**options, **figures, **told})
        if not is_new:
            continue
        Backup.objects.filter(pk=row.pk).update(started_at=run.started_at or row.started_at)
        if run.phase is not JobPhase.SUCCEEDED:
            record_failure(backup_id, _make_error(instance, run), now=run.ended_at or row.started_at)


def _make_backup_id(run: ScheduledRun) -> str:
    """Return an identifier for a run that left no set, the same each time."""
    began = (run.started_at or run.ended_at or datetime.fromtimestamp(0, tz=UTC)).astimezone(UTC)
    return f"{began:%Y%m%dT%H%M%SZ}-{hashlib.sha256(run.name.encode()).hexdigest()[:6]}"


def _make_error(instance: Instance, run: ScheduledRun) -> CiviparoisseError:
    if run.phase is JobPhase.LOST or run.result is None:
        return CiviparoisseError("job_lost", instance=instance.identifier, program=run.program.value)
    status = JobStatus(name=run.name, phase=run.phase, result=run.result)
    return make_program_error(instance.identifier, run.program, status)


def _list_unchecked(engines: list[str]) -> QuerySet[Backup]:
    """Return the recorded backups that were not read back yet, of instances that no operation holds."""
    held = Operation.objects.filter(lock=OuterRef("instance__identifier"))
    rows = Backup.objects.filter(~Exists(held), reason=BackupReason.SCHEDULED, state=BackupState.RUNNING)
    return rows.filter(operation=None, instance__engine__in=engines).select_related("instance").order_by("started_at")


def _check(backup: Backup, engine: Engine, *, now: datetime) -> None:
    """Have the engine read the set back, without waiting for it; note the result once it is there."""
    instance = backup.instance
    try:
        status = _run_check(backup, engine)
        if status.phase is JobPhase.RUNNING:
            return
        if status.phase is JobPhase.LOST:
            raise CiviparoisseError("job_lost", retryable=False, instance=instance.identifier, program="verify")
        if status.phase is JobPhase.FAILED:
            raise make_program_error(instance.identifier, JobProgram.VERIFY, status)
    except CiviparoisseError as error:
        if error.retryable and now - backup.started_at < GIVEN_UP_AFTER:
            log.warning("check of %s of %s: %s %s", backup.backup_id, instance.identifier, error.code, error.params)
        else:
            record_failure(backup.backup_id, error, now=now)
    else:
        record_checked(backup.backup_id, now=now)


def _run_check(backup: Backup, engine: Engine) -> JobStatus:
    """Return how the last run of the check stands; the next one is begun when one was lost."""
    spec = make_instance_spec(backup.instance, components=select_wanted_components(backup.instance))
    for number in range(1, MOST_CHECKS + 1):
        job = JobSpec(
            name=f"verify-{backup.backup_id}-{number}",
            program=JobProgram.VERIFY,
            environment={"BACKUP_ID": backup.backup_id},
            deadline_seconds=settings.BACKUP_TIMEOUT_SECONDS,
            set_of=backup.instance.identifier,
        )
        status = engine.run_job(spec, job)
        if status.phase is not JobPhase.LOST:
            break
    return status
