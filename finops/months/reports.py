"""The month for people: what each parish pays and for what, twelve months side by side, one parish by itself.

Every figure is a sum of the same lines (finops/months/costs.py): a view that does not add up to the bill is a bug.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from domain.errors import CiviparoisseError
from finops.calendar import Month
from finops.models import Budget, ClosedLine, ClosedMonth
from finops.months.costs import CostLine, MonthCosts, compute_month_costs
from finops.months.groups import Group, find_group

ZERO = Decimal(0)
TREND_MONTHS = 12

Groups = Mapping[Group, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParishCosts:
    """One parish in one month. `previous`: its total of the month before, None when that has no figures; `budget`:
    None without one."""

    tenant: str
    name: str
    groups: Groups
    total: Decimal
    previous: Decimal | None
    budget: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """One month of all parishes. `previous`: the bill of the month before, None when it has none; `forecast`: of the
    whole month, None for one that is over, and where nobody asked for it."""

    costs: MonthCosts
    parishes: tuple[ParishCosts, ...]
    groups: Groups
    previous: Decimal | None
    budget: Decimal | None
    forecast: MonthCosts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendMonth:
    """One month of the trend. `groups`: None when it cannot be computed (no prices), which is not a cost of 0."""

    month: Month
    groups: Groups | None
    is_closed: bool

    @property
    def total(self) -> Decimal | None:
        """The month's bill."""
        return None if self.groups is None else sum(self.groups.values(), ZERO)


class MonthReader:
    """The costs of months as they are at `now`, each computed once however many views of a page show it."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self._kept: dict[Month, MonthCosts] = {}

    def read(self, month: Month) -> MonthCosts:
        """Return the costs of a month. Raise CiviparoisseError as compute_month_costs does."""
        if month not in self._kept:
            self._kept[month] = compute_month_costs(month, now=self.now)
        return self._kept[month]

    def find(self, month: Month) -> MonthCosts | None:
        """Return the costs of a month beside the one that is asked for; None when it has none, or no prices."""
        try:
            costs = self.read(month)
        except CiviparoisseError:
            return None
        return costs if costs.lines else None


def make_month_report(month: Month, reader: MonthReader) -> MonthReport:
    """Return the report of `month`. Raise CiviparoisseError as compute_month_costs does."""
    costs = reader.read(month)
    before = reader.find(month.add(-1))
    names = costs.list_names()
    # A closed month never changes; what its budgets were is not known.
    budgets = {} if costs.closed_at else dict(Budget.objects.values_list("tenant", "amount"))
    earlier = before.parishes if before is not None else {}
    # A parish that costs nothing this month is there all the same while it exists: nothing is a figure too.
    slugs = {slug for slug in (*costs.parishes, *names) if slug in costs.parishes or slug in budgets}
    by_tenant = group_by_tenant(costs.lines)
    parishes = [
        ParishCosts(
            tenant=slug,
            name=names.get(slug, slug),
            groups=by_tenant.get(slug, {}),
            total=costs.parishes.get(slug, ZERO),
            previous=None if before is None else earlier.get(slug, ZERO),
            budget=budgets.get(slug),
        )
        for slug in slugs
    ]
    return MonthReport(
        costs=costs,
        parishes=tuple(sorted(parishes, key=lambda parish: (-parish.total, parish.tenant))),
        groups=sum_groups(costs.lines),
        previous=None if before is None else before.bill,
        budget=budgets.get(""),
    )


def group_by_tenant(lines: "tuple[CostLine, ...]") -> dict[str, dict[Group, Decimal]]:
    """Return the sums of lines by parish and part of the bill."""
    sums: defaultdict[str, defaultdict[Group, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        sums[line.tenant][find_group(line.kind, line.component)] += line.amount
    return {tenant: dict(groups) for tenant, groups in sums.items()}


def sum_groups(lines: "tuple[CostLine, ...]") -> dict[Group, Decimal]:
    """Return the sums of lines by part of the bill, in the parts' order, those that are 0 left out."""
    sums: defaultdict[Group, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[find_group(line.kind, line.component)] += line.amount
    return {group: sums[group] for group in Group if sums[group]}


def make_trend(month: Month, reader: MonthReader, *, tenant: str | None = None) -> tuple[TrendMonth, ...]:
    """Return the twelve months up to `month`, of all or of one parish. Closed months take one query together; each
    other one is computed."""
    months = [month.add(-back) for back in reversed(range(TREND_MONTHS))]
    closed = _read_closed(months, tenant=tenant)
    return tuple(
        TrendMonth(month=month, groups=closed[str(month)], is_closed=True)
        if str(month) in closed
        else TrendMonth(month=month, groups=_compute_groups(month, reader, tenant=tenant), is_closed=False)
        for month in months
    )


def _read_closed(months: list[Month], *, tenant: str | None) -> dict[str, dict[Group, Decimal]]:
    wanted = [str(month) for month in months]
    closed_sums: dict[str, defaultdict[Group, Decimal]] = {
        month: defaultdict(Decimal)
        for month in ClosedMonth.objects.filter(month__in=wanted).values_list("month", flat=True)
    }
    rows = ClosedLine.objects.filter(month__month__in=wanted)
    if tenant is not None:
        rows = rows.filter(tenant=tenant)
    sums = rows.order_by().values_list("month__month", "kind", "component").annotate(total=Sum("amount"))
    for month, kind, component, total in sums:
        closed_sums[month][find_group(kind, component)] += total
    return {month: dict(groups) for month, groups in closed_sums.items()}


def _compute_groups(month: Month, reader: MonthReader, *, tenant: str | None) -> dict[Group, Decimal] | None:
    try:
        costs = reader.read(month)
    except CiviparoisseError:
        return None
    return sum_groups(costs.lines if tenant is None else costs.select(tenant))
