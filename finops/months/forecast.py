"""What a month will have cost: actual to date, and what is planned for the rest of it.

Planned is what is known: servers, volumes and backups that are held now stay so, and schedules run as often and as long
as they did lately. No regression: a new parish or a suspension shows at once.
"""

from datetime import datetime

from domain.reservations import NOTHING
from domain.states import InstanceState
from finops.calendar import Month, compute_day, compute_day_start, compute_second
from finops.ledger.holdings import Holding
from finops.ledger.runs import PERIOD_SECONDS, TYPICAL_RUN_SECONDS, find_held
from finops.models import Interval, Resource
from finops.months.costs import MonthCosts, compute_month_costs, make_month_costs
from tenants.models import Instance

CRON = "cron"
DAY_SECONDS = 86_400
# How far back schedules are looked at: a whole week, since Sundays differ.
LOOKED_AT_SECONDS = 7 * DAY_SECONDS


def compute_forecast(month: Month, *, now: datetime) -> MonthCosts:
    """Return what `month` will have cost at its end; a month that is over or closed costs what it cost.

    Raise what compute_month_costs raises.
    """
    second = compute_second(now)
    actual = compute_month_costs(month, now=now)
    if actual.closed_at is not None or month.end <= second:
        return actual
    return make_month_costs(
        month,
        until=month.end,
        extra=list_planned_runs(max(second, month.start), month.end, now=second),
        is_forecast=True,
    )


def list_planned_runs(start: int, end: int, *, now: int) -> list[Holding]:
    """Return what the schedules of instances that run now will hold between the seconds `start` and `end`: as on
    average of the last week, or a typical cron where nothing is known yet. Three queries."""
    today = compute_day_start(compute_day(now))
    running = _list_running()
    since = max(today - LOOKED_AT_SECONDS, 0)
    tallies = Interval.objects.filter(
        resource=Resource.RUN.value, held_seconds__isnull=False, start__gte=since, start__lt=today
    ).order_by("instance", "component", "start")
    looked_at: dict[str, int] = {}
    planned: dict[tuple[str, str, int, int], int] = {}
    for row in tallies:
        if row.instance in running:
            looked_at.setdefault(row.instance, today - row.start)
            key = (row.instance, row.component, row.cpu_millicores, row.memory_bytes)
            planned[key] = planned.get(key, 0) + (row.held_seconds or 0)
    holdings = [
        _make_run(running[name], component, cpu, memory, seconds=held * (end - start) // looked_at[name])
        for (name, component, cpu, memory), held in sorted(planned.items())
    ]
    unknown = [
        instance for name, instance in sorted(running.items()) if name not in looked_at and instance.cron_enabled
    ]
    holdings += [_make_typical_run(instance, seconds=end - start) for instance in unknown]
    return [holding._replace(start=start, end=end) for holding in holdings if start < end]


def _list_running() -> dict[str, Instance]:
    rows = Instance.objects.filter(state=InstanceState.ACTIVE.value).select_related("tenant", "plan", "release")
    return {row.identifier: row for row in rows.prefetch_related("plan__containers")}


def _make_typical_run(instance: Instance, *, seconds: int) -> Holding:
    held = find_held(instance, CRON) or NOTHING
    share = seconds * TYPICAL_RUN_SECONDS // PERIOD_SECONDS
    return _make_run(instance, CRON, held.cpu_millicores, held.memory_bytes, seconds=share)


def _make_run(instance: Instance, component: str, cpu: int, memory: int, *, seconds: int) -> Holding:
    return Holding(
        tenant=instance.tenant.slug,
        instance=instance.identifier,
        engine=instance.engine,
        resource=Resource.RUN.value,
        component=component,
        storage_class="",
        cpu_millicores=cpu,
        memory_bytes=memory,
        storage_bytes=0,
        source="estimate",
        seconds=seconds,
    )
