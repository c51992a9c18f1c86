"""The crons of active instances: each every ten minutes, spread over the period so that they do not start together."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DateTimeField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.room import ROOM_JOB
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from domain.states import InstanceState
from engine.registry import get_engine
from operations.fleets import list_managed_engines
from operations.hooks import EndedRun, tell_scheduled_runs
from operations.models import Operation
from tenants.models import Instance
from tenants.specs import attach_backup_terms, make_instance_spec, select_wanted_components

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
    (backups.scheduled notes those). One instance's fault stops no other's cron. The number of queries does not grow
    with the instances.
    """
    eligible = _select_eligible(list_managed_engines())
    _look_at(_list_whole(eligible.filter(cron_last_run_at__isnull=False, cron_last_ok__isnull=True)))
    _set_turns(eligible.filter(cron_next_run_at__isnull=True), now=now)
    # Beyond the period: written while the clock was ahead.
    due_or_wrong = Q(cron_next_run_at__lte=now) | Q(cron_next_run_at__gt=now + timedelta(seconds=PERIOD_SECONDS))
    due = eligible.filter(due_or_wrong)
    claimed = _set_turns(due, now=now, cron_last_run_at=now, cron_last_ok=None)
    # Who claims at the same microsecond starts a run of the same name, which runs once.
    started = _list_whole(eligible.filter(pk__in=claimed, cron_last_run_at=now, cron_last_ok__isnull=True))
    _look_at(started)
    _look_at_room(started)
    return [instance.identifier for instance in started]


def _select_eligible(engines: list[str]) -> QuerySet[Instance]:
    held = Operation.objects.filter(lock=OuterRef("identifier"))
    rows = Instance.objects.filter(~Exists(held), state=InstanceState.ACTIVE.value, cron_enabled=True)
    return rows.filter(engine__in=engines)


def _list_whole(rows: QuerySet[Instance]) -> list[Instance]:
    """Return the rows with all that their specs are made of."""
    whole = list(rows.select_related("tenant", "plan", "release").prefetch_related("plan__containers"))
    attach_backup_terms(whole)
    return whole


def _set_turns(rows: QuerySet[Instance], *, now: datetime, **values: Any) -> list[int]:
    """Give each of `rows` its next run, and `values`, in one write that touches only what is still as it was selected;
    return the keys of those that it was tried for."""
    keys = dict(rows.values_list("pk", "identifier"))
    if keys:
        turns = (When(pk=pk, then=Value(compute_next_run(name, now=now))) for pk, name in keys.items())
        turn = Case(*turns, output_field=DateTimeField())
        rows.order_by().filter(pk__in=keys).update(cron_next_run_at=turn, **values)
    return list(keys)


def _look_at_room(instances: Iterable[Instance]) -> None:
    """Start the look at each one's volumes and database that goes with each run; the engine tells what it saw."""
    for instance in instances:
        assert instance.cron_last_run_at is not None
        job = JobSpec(
            name=f"{ROOM_JOB}-{instance.cron_last_run_at.astimezone(UTC):%Y%m%d%H%M%S%f}",
            program=JobProgram.INSPECT,
            environment={"LOOK": "room"},
            deadline_seconds=ROOM_DEADLINE_SECONDS,
        )
        try:
            _run_job(instance, job)
        except CiviparoisseError as error:
            log.warning("look at the room of %s: %s %s", instance.identifier, error.code, error.params)


def _look_at(instances: Iterable[Instance]) -> None:
    """Start each one's run that was claimed at `cron_last_run_at`, unless it was started, and note those that ended."""
    ended = []
    try:
        for instance in instances:
            assert instance.cron_last_run_at is not None
            job = JobSpec(
                name=make_cron_name(instance.cron_last_run_at),
                program=JobProgram.CRON,
                environment={},
                deadline_seconds=settings.CRON_TIMEOUT_SECONDS,
            )
            try:
                status = _run_job(instance, job)
            except CiviparoisseError as error:
                log.warning("cron of %s: %s %s", instance.identifier, error.code, error.params)
                continue
            if status.phase is not JobPhase.RUNNING:
                ended.append(EndedRun(instance=instance, program=job.program.value, status=status))
    finally:
        # Also of those that were looked at before something nobody foresaw.
        _note_ends(ended)


def _run_job(instance: Instance, job: JobSpec) -> JobStatus:
    spec = make_instance_spec(instance, components=select_wanted_components(instance))
    return get_engine(instance.engine).run_job(spec, job)


def _note_ends(ended: Sequence[EndedRun]) -> None:
    """Note how runs ended, each once, whoever else looks meanwhile."""
    if not ended:
        return
    by_key = {run.instance.pk: run for run in ended}
    with transaction.atomic():
        open_rows = Instance.objects.select_for_update().filter(pk__in=by_key, cron_last_ok__isnull=True)
        runs = [
            by_key[pk]
            for pk, began in open_rows.order_by("pk").values_list("pk", "cron_last_run_at")
            if began == by_key[pk].instance.cron_last_run_at
        ]
        for ok in (True, False):
            keys = [run.instance.pk for run in runs if (run.status.phase is JobPhase.SUCCEEDED) is ok]
            Instance.objects.filter(pk__in=keys).update(cron_last_ok=ok)
        tell_scheduled_runs(runs, now=timezone.now())
    for run in ended:
        if run.status.phase is not JobPhase.SUCCEEDED:
            log.warning("cron of %s: %s %s", run.instance.identifier, run.status.phase.value, run.status.message)
