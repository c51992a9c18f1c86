"""What engines ran by themselves while nobody looked: found, checked, and recorded.

A backup is good once a verification has read its set back, asked for as an operation like any other. Everything may be
repeated: a set is known by its identifier.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from backups.kinds.verify import VERIFY
from backups.logins import record_logins
from backups.models import Backup, BackupReason, BackupState
from backups.records import FIGURES, record_failure, record_pruned, tell_figures
from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet, ObservedPod, ScheduledRun
from domain.schedules import compute_slot
from domain.specs import JobPhase, JobProgram, JobStatus
from domain.states import ENDED_OPERATION_STATES, InstanceState
from operations.fleets import list_scheduling_engines, observe_fleets
from operations.models import Operation
from operations.requests import request_operation
from operations.steps.programs import make_program_error
from tenants.models import Instance

log = logging.getLogger("backups")

# How often this is called (settings), and every instance is looked at once a day even if no pod of a run is left.
PERIOD_SECONDS = 300
PERIODS_PER_DAY = 86_400 // PERIOD_SECONDS
REQUESTER = "manager"
# A verification that ended without a verdict is asked for again, so many times and for so long.
MOST_CHECKS = 3
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
        _check(backup, now=now)
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
            record_pruned(instance, result, now=run.ended_at)
        backup_id = str(result.get("backup_id") or _make_backup_id(run))
        options = {"instance": instance, "reason": BackupReason.SCHEDULED.value, "ended_at": run.ended_at}
        figures = {name: result.get(name) for name in FIGURES}
        told = {"warnings": list(result.get("warnings") or []), "manifest_sha256": result.get("manifest_sha256") or ""}
        told |= tell_figures(result)
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


def _check(backup: Backup, *, now: datetime) -> None:
    """Ask for the set to be read back; what no verification could judge, so many times or for so long, is not good."""
    instance = backup.instance
    asked = Operation.objects.filter(kind=VERIFY.code, instance=instance, parameters__backup=backup.backup_id)
    last = asked.order_by("-pk").first()
    if last is not None and last.state not in ENDED_OPERATION_STATES:
        return
    if last is not None and (asked.count() >= MOST_CHECKS or now - backup.started_at > GIVEN_UP_AFTER):
        record_failure(backup.backup_id, CiviparoisseError(last.error_code, **last.error_params), now=now)
        return
    try:
        request_operation(
            kind=VERIFY.code, instance=instance, requested_by=REQUESTER, parameters={"backup": backup.backup_id}
        )
    except CiviparoisseError as error:
        log.warning("check of %s of %s: %s %s", backup.backup_id, instance.identifier, error.code, error.params)
