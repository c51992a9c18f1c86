"""Days on which nobody saw an instance's schedules run, by their duty cycle, and said so.

See docs/finops.md#the-ledger.
"""

import logging
from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery

from domain.errors import CiviparoisseError
from engine.registry import get_engine, list_engines
from finops.calendar import compute_day, compute_day_bounds, compute_second
from finops.ledger.runs import PERIOD_SECONDS, TYPICAL_RUN_SECONDS, Addition, add_to_tallies, find_held
from finops.models import Interval, IntervalSource, Resource
from tenants.models import Instance

log = logging.getLogger("finops")

CRON = "cron"
DAYS_BACK = 7


def estimate_missing_days(*, now: datetime) -> int:
    """Write a tally for each of the last days, whole ones, on which an instance's database ran and no cron was seen;
    return how many. Only where the engine runs schedules itself: elsewhere no run seen is no run."""
    today = compute_day(compute_second(now))
    written = 0
    for name in list_engines():
        if _runs_schedules(name):
            for back in range(DAYS_BACK, 0, -1):
                written += _estimate_day(name, today - timedelta(days=back))
    return written


def _runs_schedules(engine: str) -> bool:
    """Return whether an engine runs schedules by itself; one that cannot be had now is asked the next time."""
    try:
        return get_engine(engine).runs_schedules
    except CiviparoisseError as error:
        log.warning("engine %s: %s %s", engine, error.code, error.params)
        return False


def _estimate_day(engine: str, day: date) -> int:
    start, end = compute_day_bounds(day)
    seen = Interval.objects.filter(
        engine=engine, resource=Resource.RUN.value, component=CRON, held_seconds__isnull=False, start=start
    ).values_list("instance", flat=True)
    active = _list_active_seconds(engine, start, end)
    missing = sorted(active.keys() - set(seen))
    rows = Instance.objects.filter(identifier__in=missing, engine=engine, cron_enabled=True)
    instances = list(rows.select_related("tenant", "plan", "release").prefetch_related("plan__containers"))
    typical = _find_typical_seconds(instances, before=start)
    added = []
    for instance in instances:
        held = find_held(instance, CRON)
        if held is not None:
            runs = active[instance.identifier] // PERIOD_SECONDS
            seconds = runs * typical.get(instance.identifier, TYPICAL_RUN_SECONDS)
            guess = IntervalSource.ESTIMATE
            added.append(Addition(instance, CRON, held, start, end, source=guess, runs=runs, held_seconds=seconds))
    add_to_tallies(added)
    return len(instances)


def _list_active_seconds(engine: str, start: int, end: int) -> dict[str, int]:
    """Return for how long each instance's database ran between two seconds."""
    rows = Interval.objects.filter(
        Q(end__isnull=True) | Q(end__gt=start),
        engine=engine,
        resource=Resource.COMPUTE.value,
        component="db",
        start__lt=end,
    )
    seconds: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        seconds[row.instance] += min(end if row.end is None else row.end, end) - max(row.start, start)
    return seconds


def _find_typical_seconds(instances: list[Instance], *, before: int) -> dict[str, int]:
    """Return how long a run of the last day that was seen lasted on average, by instance; of those of which one was."""
    seen = Interval.objects.filter(
        instance__in=[instance.identifier for instance in instances],
        resource=Resource.RUN.value,
        component=CRON,
        source=IntervalSource.LIVE.value,
        start__lt=before,
        runs__gt=0,
    )
    newest = seen.filter(instance=OuterRef("instance")).order_by("-start", "-id").values("pk")[:1]
    rows = seen.filter(pk=Subquery(newest)) if instances else seen.none()
    return {row.instance: (row.held_seconds or 0) // row.runs for row in rows}
