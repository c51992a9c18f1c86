"""The fleet as it is wanted now, for what-if and for pricing a change: rows into the values of whatif.py."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from domain.states import InstanceState
from finops.calendar import compute_day, compute_day_start, compute_month, compute_second
from finops.ledger.holdings import list_holdings
from finops.ledger.reservation import get_footprint
from finops.models import Interval, Resource
from finops.prices.rates import Prices, list_segments
from finops.scenarios.whatif import Fleet, Parish
from tenants.models import Instance
from tenants.specs import make_plan

# How far back runs are looked at: long enough for a month's habits.
LOOK_BACK = timedelta(days=30)
# States in which nothing is held, and in which no server runs.
WITHOUT_VOLUMES = (InstanceState.NEW.value, InstanceState.DELETED.value)
STOPPED = (*WITHOUT_VOLUMES, InstanceState.SUSPENDED.value)
SECRETS = ("secrets", "tenant__smtp_password", "tenant__imap_password")


def list_provisioned() -> QuerySet[Instance]:
    """Return the instances that hold something, with their plans; two queries, no secret is read."""
    rows = Instance.objects.exclude(state__in=WITHOUT_VOLUMES).select_related("tenant", "plan", "release")
    return rows.prefetch_related("plan__containers").defer(*SECRETS).order_by("identifier")


def load_fleet(*, now: datetime, instances: Iterable[Instance] | None = None) -> Fleet:
    """Return all provisioned instances (or `instances`) at the prices that hold now; a fixed number of queries. Raise
    CiviparoisseError when an instance's objects cannot be made."""
    rows = list(list_provisioned() if instances is None else instances)
    runs, stored = _sum_runs(rows, now=now), sum_stored_backups()
    parishes = tuple(
        make_parish(row, run_seconds=runs.get(row.identifier, {}), backup_bytes=stored.get(row.identifier, 0))
        for row in rows
    )
    return Fleet(parishes=parishes, prices=get_prices(now=now))


def make_parish(instance: Instance, *, run_seconds: Mapping[str, int], backup_bytes: int) -> Parish:
    """Return one instance as it is wanted now."""
    return Parish(
        tenant=instance.tenant.slug,
        instance=instance.identifier,
        engine=instance.engine,
        plan=make_plan(instance.plan),
        footprint=get_footprint(instance),
        is_running=instance.state not in STOPPED,
        run_seconds=run_seconds,
        backup_bytes=backup_bytes,
    )


def get_prices(*, now: datetime) -> Mapping[str, Prices]:
    """Return the prices that hold at this moment, by engine; empty when nobody has entered any."""
    second = compute_second(now)
    return list_segments(second, second + 1)[-1].prices


def sum_stored_backups() -> dict[str, int]:
    """Return the bytes of the backups that are kept now, by instance."""
    rows = Interval.objects.filter(resource=Resource.BACKUP.value, end__isnull=True)
    return dict(rows.order_by().values_list("instance").annotate(Sum("storage_bytes")))


def _sum_runs(rows: Iterable[Instance], *, now: datetime) -> dict[str, dict[str, int]]:
    """Return how long each program's runs hold their reservation in a month of the present length, by instance: as
    long as in the last thirty days, or since the instance was recorded, in proportion."""
    start, end = compute_day_start(compute_day(compute_second(now - LOOK_BACK))), compute_second(now)
    held: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for use in list_holdings(start, end):
        if use.resource == Resource.RUN:
            held[use.instance][use.component] += use.seconds
    month = compute_month(now)
    seconds = month.end - month.start
    sums = {}
    for row in rows:
        window = max(end - max(start, compute_second(row.created_at)), 1)
        # What ran in the first hour of an instance (its initialisation) says nothing of a month.
        if window >= 86_400:
            sums[row.identifier] = {
                program: lasting * seconds // window for program, lasting in held[row.identifier].items()
            }
    return sums
