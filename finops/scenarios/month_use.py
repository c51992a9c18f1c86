"""How much of what it reserved each parish used in one month, of that month's own figures."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from domain.errors import CiviparoisseError
from finops.calendar import Month, compute_day, compute_second
from finops.ledger.reservation import get_footprint
from finops.models import Interval, Resource
from finops.scenarios.wanted_fleet import get_prices, list_provisioned
from finops.usage.efficiency import Efficiency, add_efficiencies, compute_efficiency
from finops.usage.measured import list_means
from tenants.models import Instance
from tenants.specs import make_plan


def compute_efficiencies(month: Month, *, now: datetime) -> dict[str, Efficiency]:
    """Return the efficiency of each parish in `month`, by slug, at the prices of its last moment. Absent is a parish
    that was not measured, or whose sizes were others in that month: of those nobody knows any more."""
    last = min(compute_day(compute_second(now)), month.next().first_day - timedelta(days=1))
    means = list_means(first=month.first_day, last=last)
    second = min(compute_second(now), month.end - 1)
    prices = get_prices(now=datetime.fromtimestamp(second, tz=now.tzinfo))
    parts: defaultdict[str, list[Efficiency]] = defaultdict(list)
    for row in _select_unchanged(list_provisioned(), month):
        own = prices.get(row.engine) or prices.get("")
        if row.identifier in means and own is not None:
            parts[row.tenant.slug].append(compute_efficiency(make_plan(row.plan), means[row.identifier], own))
    return {tenant: add_efficiencies(own) for tenant, own in parts.items()}


def _select_unchanged(instances: Iterable[Instance], month: Month) -> list[Instance]:
    """Return the instances whose servers had in all of `month` the sizes that they have now; one query."""
    rows = Interval.objects.filter(
        Q(end__isnull=True) | Q(end__gt=month.start), resource=Resource.COMPUTE.value, start__lt=month.end
    )
    sizes: defaultdict[str, set[tuple[str, int, int]]] = defaultdict(set)
    columns = ("instance", "component", "cpu_millicores", "memory_bytes")
    for instance, component, cpu, memory in rows.order_by().values_list(*columns).distinct():
        sizes[instance].add((component, cpu, memory))
    return [row for row in instances if sizes[row.identifier] <= _list_sizes(row)]


def _list_sizes(instance: Instance) -> set[tuple[str, int, int]]:
    try:
        servers = get_footprint(instance).servers
    except CiviparoisseError:
        return set()
    return {(name, held.cpu_millicores, held.memory_bytes) for name, held in servers.items()}
