"""Runs in the ledger: jobs each by itself, crons and nightly backups as tallies, one per instance, day and size.

A run holds its reservation from its beginning to its end, in whole seconds, both rounded outwards. Who saw it is said:
`live` when the engine told its times, `estimate` when nobody was there (docs/finops.md#the-ledger).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from domain.errors import CiviparoisseError
from domain.reservations import Reservation
from domain.specs import InstanceKind, JobPhase, JobStatus
from finops.calendar import compute_day, compute_day_bounds, compute_second
from finops.ledger.reservation import get_footprint
from finops.models import Interval, IntervalSource, Resource
from operations.hooks import EndedRun
from tenants.models import Instance

log = logging.getLogger("finops")

# A run of Civiparoisse's cron, and its period (docs/finops.md#reference-figures). Used only where nobody has seen one.
TYPICAL_RUN_SECONDS = 40
PERIOD_SECONDS = 600
TALLY_FIELDS = ("held_seconds", "runs", "failed_runs", "counted_until", "source")
# Rows written at once: what one statement may hold.
BATCH = 500


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


def count_runs(runs: Sequence[EndedRun], *, now: datetime) -> None:
    """Add scheduled runs that have ended to their days, all at once. To be told once for each run."""
    added = []
    for run in runs:
        if run.status.started_at is None:
            continue
        held = find_held(run.instance, run.program)
        if held is not None:
            start, end = compute_bounds(run.status.started_at, run.status.ended_at or now)
            failed = run.status.phase is not JobPhase.SUCCEEDED
            added.append(Addition(run.instance, run.program, held, start=start, end=end, failed=failed))
    add_to_tallies(added)


def compute_bounds(started_at: datetime, ended_at: datetime) -> tuple[int, int]:
    """Return the whole seconds of a run, at least one."""
    start = compute_second(started_at)
    return start, max(start + 1, -int(-ended_at.timestamp() // 1))


@dataclass(frozen=True, slots=True)
class Addition:
    """A run of `program` from `start` to `end` that held `held`; or `runs` together, which lasted `held_seconds`."""

    instance: Instance
    program: str
    held: Reservation
    start: int
    end: int
    failed: bool = False
    source: IntervalSource = IntervalSource.LIVE
    runs: int = 1
    held_seconds: int | None = None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """Return what names its tally. Runs of two sizes on one day, before and after a resize, are two tallies."""
        first, _last = compute_day_bounds(compute_day(self.start))
        return self.instance.identifier, self.program, str(self.held), first


def add_to_tallies(added: Sequence[Addition]) -> None:
    """Add runs to the tallies of the days in which they began. The number of queries does not grow with theirs."""
    with transaction.atomic():
        rows = _lock_tallies(added)
        for one in added:
            row = rows[one.key]
            if row.source == IntervalSource.ESTIMATE and one.source is IntervalSource.LIVE:
                # Seen after all: what was guessed for the day makes room.
                row.held_seconds, row.runs, row.source, row.counted_until = 0, 0, one.source.value, row.start
            seconds = one.end - one.start if one.held_seconds is None else one.held_seconds
            row.held_seconds = (row.held_seconds or 0) + seconds
            row.runs += one.runs
            row.failed_runs += int(one.failed)
            row.counted_until = max(row.counted_until or row.start, one.end)
        Interval.objects.bulk_update(rows.values(), TALLY_FIELDS, batch_size=BATCH)


def _lock_tallies(added: Sequence[Addition]) -> dict[tuple[str, str, str, int], Interval]:
    """Return the rows of all of them by key, made where there are none yet, held until the transaction ends."""
    first = {one.key: one for one in reversed(added)}
    known = _select_tallies(first)
    missing = [one for key, one in first.items() if key not in known]
    if missing:
        # Somebody else may make the same one now.
        Interval.objects.bulk_create([_make_tally(one) for one in missing], ignore_conflicts=True, batch_size=BATCH)
        known |= _select_tallies({one.key: one for one in missing})
    return known


def _select_tallies(wanted: Mapping[tuple[str, str, str, int], Addition]) -> dict[tuple[str, str, str, int], Interval]:
    names, programs, sizes, starts = (set(column) for column in zip(*wanted, strict=True)) if wanted else ([],) * 4
    rows = Interval.objects.select_for_update().filter(
        instance__in=names, resource=Resource.RUN.value, component__in=programs, run__in=sizes, start__in=starts
    )
    found = {(row.instance, row.component, row.run, row.start): row for row in rows.order_by("pk")}
    return {key: row for key, row in found.items() if key in wanted}


def _make_tally(one: Addition) -> Interval:
    first, last = compute_day_bounds(compute_day(one.start))
    return Interval(
        instance=one.instance.identifier,
        resource=Resource.RUN.value,
        component=one.program,
        run=str(one.held),
        start=first,
        tenant=one.instance.tenant.slug,
        engine=one.instance.engine,
        cpu_millicores=one.held.cpu_millicores,
        memory_bytes=one.held.memory_bytes,
        end=last,
        held_seconds=0,
        counted_until=first,
        source=one.source.value,
        why="tally",
    )


def find_held(instance: Instance, program: str) -> Reservation | None:
    """Return what a run of `program` holds. None when no objects can be made of the instance's plan, which is logged:
    one broken plan stops nothing else."""
    try:
        return get_footprint(instance).find_run(program)
    except CiviparoisseError as error:
        log.error("ledger of %s: %s %s", instance.identifier, error.code, error.params)
        return None
