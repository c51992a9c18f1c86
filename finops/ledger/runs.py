"""Runs in the ledger: jobs each by itself, crons and nightly backups as tallies, one per instance, day and size.

A run holds its reservation from its beginning to its end, in whole seconds, both rounded outwards. Who saw it is said:
`live` when the engine told its times, `estimate` when nobody was there (docs/finops.md#the-ledger).
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from domain.errors import CiviparoisseError
from domain.reservations import Reservation
from domain.specs import InstanceKind, JobPhase, JobStatus
from finops.calendar import compute_day, compute_day_bounds, compute_second
from finops.ledger.reservation import get_footprint
from finops.models import Interval, IntervalSource, Resource
from tenants.models import Instance

log = logging.getLogger("finops")

# A run of Civiparoisse's cron, and its period (docs/finops.md#reference-figures). Used only where nobody has seen one.
TYPICAL_RUN_SECONDS = 40
PERIOD_SECONDS = 600


def record_run(instance: Instance, *, program: str, status: JobStatus, now: datetime) -> None:
    """Write one run of a job that has ended; a run that is written already, or never began, changes nothing. What a
    proof runs at its place is no parish's cost: it stays among what nobody reserved."""
    if status.started_at is None or instance.kind == InstanceKind.VERIFICATION:
        return
    held = find_held(instance, program)
    if held is None:
        return
    start, end = compute_bounds(status.started_at, status.ended_at or now)
    failed = int(status.phase is not JobPhase.SUCCEEDED)
    Interval.objects.get_or_create(
        instance=instance.identifier,
        resource=Resource.RUN.value,
        component=program,
        run=status.name,
        defaults={
            "tenant": instance.tenant.slug,
            "engine": instance.engine,
            "cpu_millicores": held.cpu_millicores,
            "memory_bytes": held.memory_bytes,
            "start": start,
            "end": end,
            "runs": 1,
            "failed_runs": failed,
            "source": IntervalSource.LIVE.value,
            "why": status.phase.value,
        },
    )


def count_run(instance: Instance, *, program: str, status: JobStatus, now: datetime) -> None:
    """Add one scheduled run that has ended to its day. To be told once for each run."""
    if status.started_at is None:
        return
    held = find_held(instance, program)
    if held is not None:
        start, end = compute_bounds(status.started_at, status.ended_at or now)
        add_to_tally(instance, program, held, start=start, end=end, failed=status.phase is not JobPhase.SUCCEEDED)


def compute_bounds(started_at: datetime, ended_at: datetime) -> tuple[int, int]:
    """Return the whole seconds of a run, at least one."""
    start = compute_second(started_at)
    return start, max(start + 1, -int(-ended_at.timestamp() // 1))


def add_to_tally(
    instance: Instance,
    program: str,
    held: Reservation,
    *,
    start: int,
    end: int,
    failed: bool = False,
    source: IntervalSource = IntervalSource.LIVE,
    runs: int = 1,
    held_seconds: int | None = None,
) -> None:
    """Add a run from `start` to `end` to the tally of the day in which it began. `held_seconds`: of several `runs`
    together, None for the one that lasted from start to end."""
    first, last = compute_day_bounds(compute_day(start))
    seconds = end - start if held_seconds is None else held_seconds
    with transaction.atomic():
        row, _created = Interval.objects.select_for_update().get_or_create(
            instance=instance.identifier,
            resource=Resource.RUN.value,
            component=program,
            # Runs of two sizes on one day, before and after a resize, are two tallies.
            run=str(held),
            start=first,
            defaults={
                "tenant": instance.tenant.slug,
                "engine": instance.engine,
                "cpu_millicores": held.cpu_millicores,
                "memory_bytes": held.memory_bytes,
                "end": last,
                "held_seconds": 0,
                "counted_until": first,
                "source": source.value,
                "why": "tally",
            },
        )
        if row.source == IntervalSource.ESTIMATE and source is IntervalSource.LIVE:
            # Seen after all: what was guessed for the day makes room.
            Interval.objects.filter(pk=row.pk).update(held_seconds=0, runs=0, source=source.value)
            row.counted_until = first
        Interval.objects.filter(pk=row.pk).update(
            held_seconds=F("held_seconds") + seconds,
            runs=F("runs") + runs,
            failed_runs=F("failed_runs") + int(failed),
            counted_until=max(row.counted_until or first, end),
        )


def find_held(instance: Instance, program: str) -> Reservation | None:
    """Return what a run of `program` holds. None when no objects can be made of the instance's plan, which is logged:
    one broken plan stops nothing else."""
    try:
        return get_footprint(instance).find_run(program)
    except CiviparoisseError as error:
        log.error("ledger of %s: %s %s", instance.identifier, error.code, error.params)
        return None
