"""The crons of active instances: each every ten minutes, spread over the period so that they do not start together."""

import hashlib
import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.room import ROOM_JOB
from domain.specs import JobPhase, JobProgram, JobSpec
from domain.states import InstanceState
from engine.registry import get_engine
from operations.fleets import list_managed_engines
from operations.hooks import tell_scheduled_run
from operations.models import Operation
from tenants.models import Instance
from tenants.specs import make_instance_spec, select_wanted_components

log = logging.getLogger("operations")

# CiviCRM's own advice for cron.php is 5 to 15 minutes; CRON_TIMEOUT_SECONDS (540) stays below it
# (docs/traps.md#endless-cron).
PERIOD_SECONDS = 600
ROOM_DEADLINE_SECONDS = 120


def compute_next_run(identifier: str, *, now: datetime) -> datetime:
    """Return the first instant after `now` at this instance's own second of the ten-minute period."""
    offset = int(hashlib.sha256(identifier.encode()).hexdigest(), 16) % PERIOD_SECONDS
    periods = (now.timestamp() - offset) // PERIOD_SECONDS + 1
    return datetime.fromtimestamp(periods * PERIOD_SECONDS + offset, tz=UTC)


def make_cron_name(started_at: datetime) -> str:
    """Return the name of the cron run that was claimed at `started_at`."""
    return f"cron-{started_at.astimezone(UTC):%Y%m%d%H%M%S%f}"


def run_due_crons(*, now: datetime) -> list[str]:
    """Start the crons that are due, note how earlier ones ended; return the identifiers of those started.

    An instance held by an operation is left alone until that has ended, one whose engine runs crons by itself always
    (backups.scheduled notes those). One instance's fault stops no other's cron.
    """
    managed = list_managed_engines()
    for instance in _select_eligible(managed).filter(cron_last_run_at__isnull=False, cron_last_ok__isnull=True):
        _look_at(instance)
    for instance in _select_eligible(managed).filter(cron_next_run_at__isnull=True):
        first_run = compute_next_run(instance.identifier, now=now)
        Instance.objects.filter(pk=instance.pk, cron_next_run_at__isnull=True).update(cron_next_run_at=first_run)
    started = []
    # Beyond the period: written while the clock was ahead.
    due_or_wrong = Q(cron_next_run_at__lte=now) | Q(cron_next_run_at__gt=now + timedelta(seconds=PERIOD_SECONDS))
    for instance in _select_eligible(managed).filter(due_or_wrong):
        due = instance.cron_next_run_at
        claimed = _select_eligible(managed).filter(pk=instance.pk, cron_next_run_at=due)
        next_run = compute_next_run(instance.identifier, now=now)
        if claimed.update(cron_next_run_at=next_run, cron_last_run_at=now, cron_last_ok=None) == 1:
            instance.cron_last_run_at = now
            _look_at(instance)
            _look_at_room(instance)
            started.append(instance.identifier)
    return started


def _select_eligible(engines: list[str]) -> QuerySet[Instance]:
    held = Operation.objects.filter(lock=OuterRef("identifier"))
    rows = Instance.objects.filter(~Exists(held), state=InstanceState.ACTIVE.value, cron_enabled=True)
    return rows.filter(engine__in=engines)


def _look_at_room(instance: Instance) -> None:
    """Start the look at the instance's volumes and database that goes with each run; the engine tells what it saw."""
    assert instance.cron_last_run_at is not None
    job = JobSpec(
        name=f"{ROOM_JOB}-{instance.cron_last_run_at.astimezone(UTC):%Y%m%d%H%M%S%f}",
        program=JobProgram.INSPECT,
        environment={"LOOK": "room"},
        deadline_seconds=ROOM_DEADLINE_SECONDS,
    )
    try:
        get_engine(instance.engine).run_job(
            make_instance_spec(instance, components=select_wanted_components(instance)), job
        )
    except CiviparoisseError as error:
        log.warning("look at the room of %s: %s %s", instance.identifier, error.code, error.params)


def _look_at(instance: Instance) -> None:
    """Start the run that was claimed at `cron_last_run_at`, unless it was started, and note its end."""
    assert instance.cron_last_run_at is not None
    job = JobSpec(
        name=make_cron_name(instance.cron_last_run_at),
        program=JobProgram.CRON,
        environment={},
        deadline_seconds=settings.CRON_TIMEOUT_SECONDS,
    )
    try:
        spec = make_instance_spec(instance, components=select_wanted_components(instance))
        status = get_engine(instance.engine).run_job(spec, job)
    except CiviparoisseError as error:
        log.warning("cron of %s: %s %s", instance.identifier, error.code, error.params)
        return
    if status.phase is JobPhase.RUNNING:
        return
    ok = status.phase is JobPhase.SUCCEEDED
    open_run = Instance.objects.filter(
        pk=instance.pk, cron_last_run_at=instance.cron_last_run_at, cron_last_ok__isnull=True
    )
    with transaction.atomic():
        if open_run.update(cron_last_ok=ok) == 1:
            tell_scheduled_run(instance, program=job.program.value, status=status, now=timezone.now())
    if not ok:
        log.warning("cron of %s: %s %s", instance.identifier, status.phase.value, status.message)
