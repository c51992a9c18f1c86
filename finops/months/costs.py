"""What a month costs, per parish, to the cent: Σ parishes + idle + overhead = bill. One formula for every report."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from functools import cached_property

from domain.errors import CiviparoisseError
from finops.calendar import Month, compute_day, compute_second
from finops.ledger.holdings import Holding, list_dated_holdings, list_holdings
from finops.models import ClosedLine, ClosedMonth
from finops.prices.presence import find_dated_resources
from finops.prices.pricing import CostKind, Line, compute_lines
from finops.prices.rates import Prices, Segment, list_segments
from finops.prices.rounding import PRECISION, distribute_in_groups
from tenants.models import Tenant

ZERO = Decimal(0)
# What makes a line: tenant, instance, kind, component, storage class, unit, price sheet.
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One line of a month. As finops.prices.pricing.Line, with `exact` before rounding and `amount` to the cent.
    `tenant_name`: what the parish was called when the month was closed; empty while it is not."""

    tenant: str
    instance: str
    kind: CostKind
    component: str
    storage_class: str
    quantity: Decimal
    unit: str
    exact: Decimal
    amount: Decimal
    price_sheet: int
    tenant_name: str = ""


@dataclass(frozen=True, kw_only=True)
class MonthCosts:
    """The costs of one month. `until`: the second up to which they are counted: the month's end, or the present.
    `hours`: of the whole month. `currency`: "" for a month that costs nothing. `closed_at`: when the figures became
    final, None while they are computed. `invoice_total`, `factor`: the provider's invoice and its ratio to `bill`."""

    month: Month
    until: int
    lines: tuple[CostLine, ...]
    currency: str
    vat_included: bool
    is_forecast: bool = False
    closed_at: datetime | None = None
    invoice_total: Decimal | None = None
    factor: Decimal | None = None

    @property
    def hours(self) -> int:
        """The month's real hours."""
        return self.month.hours

    @cached_property
    def bill(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.amount for line in self.lines), ZERO)

    @cached_property
    def parishes(self) -> dict[str, Decimal]:
        """What each parish pays, by slug, in the slugs' order."""
        return self.sum_by(lambda line: line.tenant, (line for line in self.lines if line.tenant))

    @property
    def idle(self) -> Decimal:
        """What is paid for and reserved by nobody."""
        return sum((line.amount for line in self.lines if not line.tenant and line.kind is CostKind.IDLE), ZERO)

    @property
    def overhead(self) -> Decimal:
        """Shared costs that there was nobody to share among."""
        return sum((line.amount for line in self.lines if line.kind is CostKind.OVERHEAD), ZERO)

    def select(self, tenant: str) -> tuple[CostLine, ...]:
        """Return the lines of one parish. Its share was computed among all of them."""
        return tuple(line for line in self.lines if line.tenant == tenant)

    def list_names(self) -> dict[str, str]:
        """Return what each parish is called, by slug: as it was when the month was closed, else as it is today."""
        if self.closed_at is None:
            return dict(Tenant.objects.values_list("slug", "name"))
        return {line.tenant: line.tenant_name or line.tenant for line in self.lines if line.tenant}

    def group_by_tenant(self) -> dict[str, list[CostLine]]:
        """Return the lines of every parish by its slug, and of what no parish pays under ""."""
        groups: defaultdict[str, list[CostLine]] = defaultdict(list)
        for line in self.lines:
            groups[line.tenant].append(line)
        return dict(groups)

    def sum_by(self, key: Callable[[CostLine], str], lines: Iterable[CostLine] | None = None) -> dict[str, Decimal]:
        """Return the sum of `lines` (all of them) by `key`, in the order of the keys."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines if lines is None else lines:
            sums[key(line)] += line.amount
        return dict(sorted(sums.items()))


def compute_month_costs(month: Month, *, now: datetime) -> MonthCosts:
    """Return what `month` costs: the snapshot once it is closed, else computed, up to `now` while it has not ended.

    Raise CiviparoisseError `price_missing` or `price_incomplete` when something was held that has no price,
    `price_sheets_differ` when two sheets of the month cannot be added up.
    """
    closed = ClosedMonth.objects.filter(month=str(month)).first()
    if closed is not None:
        return read_closed_month(closed)
    return make_month_costs(month, until=min(month.end, max(month.start, compute_second(now))))


def make_month_costs(
    month: Month, *, until: int, extra: Iterable[Holding] = (), is_forecast: bool = False
) -> MonthCosts:
    """Return the costs of `month` computed from the ledger up to the second `until`. What is still held then counts
    up to it. `extra`: holdings with times to add, all of them after the last change of prices before `until`.

    Nothing that is counted once is counted otherwise for a later `until`: no parish's amount, nor the bill, ever falls.
    """
    planned = list(extra)
    segments = list_segments(month.start, until) if until > month.start else ()
    held = [(segment, list_holdings(segment.start, segment.end)) for segment in segments]
    if held:
        held[-1][1].extend(planned)
    engines = {holding.engine for _segment, holdings in held for holding in holdings}
    lines: list[Line] = []
    used: dict[int, Prices] = {}
    for segment, holdings in held:
        groups = _group_by_prices(segment, holdings, engines)
        names = frozenset[str]().union(*(find_dated_resources(prices, own) for prices, own in groups))
        dated = list_dated_holdings(segment.start, segment.end, names)
        if segment is segments[-1]:
            dated += planned
        for prices, own in groups:
            used[prices.identifier] = prices
            times = [holding for holding in dated if segment.find(holding.engine) is prices]
            lines += compute_lines(
                own, prices, start=segment.start, end=segment.end, month_hours=month.hours, dated=times
            )
    refuse_different(used.values())
    sheet = next(iter(used.values()), None)
    return MonthCosts(
        month=month,
        until=until,
        lines=round_lines(lines, is_final=is_forecast or until >= month.end),
        currency=sheet.currency if sheet else "",
        vat_included=sheet.vat_included if sheet else False,
        is_forecast=is_forecast,
    )


def _group_by_prices(
    segment: Segment, holdings: Iterable[Holding], engines: Iterable[str]
) -> list[tuple[Prices, list[Holding]]]:
    """Return the holdings by the prices that hold for their engine. Prices of an engine count even when nothing of it
    was held; those for every other engine only when one of `engines`, those of the month, has none of its own."""
    counted = [prices for engine, prices in segment.prices.items() if engine]
    if "" in segment.prices and any(engine not in segment.prices for engine in engines):
        counted.append(segment.prices[""])
    grouped: dict[int, tuple[Prices, list[Holding]]] = {prices.identifier: (prices, []) for prices in counted}
    for holding in holdings:
        prices = segment.find(holding.engine)
        if prices is None:
            raise CiviparoisseError("price_missing", engine=holding.engine, day=str(compute_day(segment.start)))
        grouped[prices.identifier][1].append(holding)
    return list(grouped.values())


def refuse_different(used: Iterable[Prices]) -> None:
    """Raise CiviparoisseError `price_sheets_differ` unless amounts at these prices can be added up."""
    sheets = list(used)
    for other in sheets[1:]:
        first = sheets[0]
        if (first.currency, first.vat_included) != (other.currency, other.vat_included):
            raise CiviparoisseError("price_sheets_differ", sheet=first.name, other=other.name)


def round_lines(lines: Iterable[Line], *, is_final: bool = True) -> tuple[CostLine, ...]:
    """Return the lines, those of the same thing at the same prices added up, to the cent: their sum is the exact sum
    to the cent, and so is each parish's among the parishes. `is_final`: False for a month that still runs, of which
    each parish counts whole cents only."""
    exact: defaultdict[Key, Decimal] = defaultdict(Decimal)
    quantities: defaultdict[Key, Decimal] = defaultdict(Decimal)
    with localcontext(PRECISION):
        for line in lines:
            names = (line.tenant, line.instance, line.kind.value, line.component, line.storage_class, line.unit)
            key: Key = (*names, str(line.price_sheet))
            exact[key] += line.amount
            quantities[key] += line.quantity
    groups: defaultdict[Key, dict[Key, Decimal]] = defaultdict(dict)
    for key, amount in exact.items():
        # What no parish pays is rounded line by line, beside the parishes.
        groups[key[:1] if key[0] else key][key] = amount
    rounded = distribute_in_groups(groups, is_final=is_final)
    amounts = {key: amount for group in rounded.values() for key, amount in group.items()}
    return tuple(
        CostLine(
            tenant=key[0],
            instance=key[1],
            kind=CostKind(key[2]),
            component=key[3],
            storage_class=key[4],
            unit=key[5],
            quantity=quantities[key],
            exact=exact[key],
            amount=amounts[key],
            price_sheet=int(key[6]),
        )
        for key in sorted(exact)
    )


def read_closed_month(closed: ClosedMonth) -> MonthCosts:
    """Return a month's snapshot."""
    rows = ClosedLine.objects.filter(month=closed).order_by("pk")
    year, month = closed.month.split("-")
    when = Month(int(year), int(month))
    return MonthCosts(
        month=when,
        until=when.end,
        lines=tuple(
            CostLine(
                tenant=row.tenant,
                instance=row.instance,
                kind=CostKind(row.kind),
                component=row.component,
                storage_class=row.storage_class,
                unit=row.unit,
                quantity=row.quantity,
                exact=row.exact,
                amount=row.amount,
                price_sheet=row.price_sheet_id,
                tenant_name=row.tenant_name,
            )
            for row in rows
        ),
        currency=closed.currency,
        vat_included=closed.vat_included,
        closed_at=closed.closed_at,
        invoice_total=closed.invoice_total,
        factor=closed.factor,
    )
