"""From what was held and what it is worth to what each parish costs, exactly. Pure: Decimal in, Decimal out.

The model is OpenCost's (specification 0.1): bill = parishes + idle + overhead. A reservation is charged whole, used or
not: request and limit are equal here, so that the sum is exact and needs no measurement. What one pays by the hour does
not depend on what comes later: the parts of a month add up to it. Nothing is rounded here, rounding.py does that once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from domain.errors import CiviparoisseError
from finops.ledger.holdings import Holding
from finops.prices.presence import COMPUTE, RUN, STORAGE, find_dated_resources, get_times, lay_out, list_presence
from finops.prices.rates import Prices, SharedPrice
from finops.prices.shares import Piece, Split, Times, clip_times, split_by_weight, split_nodes

# Wide enough that the sum of a thousand parts differs from the whole by far less than any cent.
PRECISION = Context(prec=50)
# What is kept of an amount: a third of ten euros three times is ten euros again, for any cent that is rounded later.
PLACES = Decimal("1e-20")
ZERO = Decimal(0)
MILLI = 1000
HOUR = 3600


class CostKind(StrEnum):
    """What a line of cost is for. `shared`, `idle`: a parish's part; `idle` and `overhead` without a parish: what
    nobody pays for."""

    CPU = "cpu"
    MEMORY = "memory"
    STORAGE = "storage"
    BACKUP = "backup"
    SHARED = "shared"
    IDLE = "idle"
    OVERHEAD = "overhead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of cost. `tenant`: slug, "" for what no parish pays. `component`: db, httpd, cron, …, the volume, the
    shared cost; for idle, cpu or memory. `quantity` in `unit`: vCPU-h, GiB-h or GB-h, h. `amount`: exact.
    `price_sheet`: the row's key."""

    tenant: str
    instance: str
    kind: CostKind
    component: str
    storage_class: str
    quantity: Decimal
    unit: str
    amount: Decimal
    price_sheet: int


def compute_lines(
    holdings: Iterable[Holding],
    prices: Prices,
    *,
    start: int,
    end: int,
    month_hours: int,
    dated: Iterable[Holding] | None = None,
) -> tuple[Line, ...]:
    """Return every line of cost from `start` to `end` (seconds) at `prices`, in an order that does not depend on that
    of `holdings`. Their sum is the bill. `month_hours`: the real hours of the month that the time is in. `dated`: the
    same holdings with their times, as far as find_dated_resources asks for them; None: they are laid out from `start`.

    A price of nodes bounds what is charged: while more is reserved than the nodes hold, each pays less, not the sum
    more. Every amount is 0 or more. Raise CiviparoisseError `price_incomplete` for a holding without a price.
    """
    known = list(holdings)
    with localcontext(PRECISION):
        laid_out = lay_out(known if dated is None else dated, start=start, end=end)
        pricing = _Pricing(known, laid_out, prices, start=start, end=end, month_hours=month_hours)
        pricing.price_compute()
        pricing.price_storage()
        pricing.share()
        return tuple(sorted(pricing.lines, key=lambda line: (line.tenant, line.instance, line.kind, line.component)))


Key = tuple[str, str, str]


class _Sums:
    """What the holdings come to. CPU in millicore-seconds, memory and storage in byte-seconds: whole numbers."""

    def __init__(self, holdings: Iterable[Holding]) -> None:
        self.cpu: defaultdict[Key, int] = defaultdict(int)
        self.memory: defaultdict[Key, int] = defaultdict(int)
        self.storage: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
        self.backup: defaultdict[tuple[str, str], int] = defaultdict(int)
        for holding in holdings:
            key = (holding.tenant, holding.instance, holding.component)
            if holding.resource in (COMPUTE, RUN):
                self.cpu[key] += holding.cpu_millicores * holding.seconds
                self.memory[key] += holding.memory_bytes * holding.seconds
            elif holding.resource == STORAGE:
                self.storage[(*key, holding.storage_class)] += holding.storage_bytes * holding.seconds
            else:
                self.backup[holding.tenant, holding.instance] += holding.storage_bytes * holding.seconds


class _Pricing:
    """One computation, from `start` to `end`."""

    def __init__(
        self, holdings: list[Holding], dated: list[Holding], prices: Prices, *, start: int, end: int, month_hours: int
    ) -> None:
        self.sums = _Sums(holdings)
        self.dated = dated
        self.are_nodes_dated = RUN in find_dated_resources(prices, holdings)
        self.prices = prices
        self.start, self.end = start, end
        self.hours = Decimal(end - start) / HOUR
        self.month_hours = month_hours
        self.rates = prices.compute_rates(hours=Decimal(1), month_hours=month_hours)
        self.bytes_unit = f"{prices.byte_unit_name}-h"
        self.presence: dict[bool, dict[str, list[Times]]] = {}
        self.hours_of_sizes: dict[tuple[int, int, int, str], Decimal] = {}
        self.lines: list[Line] = []

    def price_compute(self) -> None:
        """Add the lines of CPU and memory, and those of what is left of the nodes."""
        rates = self.rates
        self._price_held(CostKind.CPU, self.sums.cpu, MILLI, "vCPU-h", rates.cpu_hour, rates.cpu_total)
        self._price_held(
            CostKind.MEMORY,
            self.sums.memory,
            self.prices.byte_unit,
            self.bytes_unit,
            rates.memory_hour,
            rates.memory_total,
        )

    def _price_held(
        self,
        kind: CostKind,
        held: Mapping[Key, int],
        divisor: int,
        unit: str,
        per_hour: Decimal | None,
        nodes_hour: Decimal | None,
    ) -> None:
        """`per_hour`: of one unit; `nodes_hour`: of all nodes together, None where nobody pays for nodes."""
        if per_hour is None:
            self._refuse_missing(kind, sum(held.values()))
            return
        quantities = {key: Decimal(amount) / divisor / HOUR for key, amount in held.items() if amount}
        amounts = {key: quantity * per_hour for key, quantity in quantities.items()}
        idle: Split[str] = Split({}, ZERO)
        if nodes_hour is not None:
            idle = Split({}, max(ZERO, nodes_hour * self.hours - sum(amounts.values(), ZERO)))
        if nodes_hour is not None and self.are_nodes_dated:
            amounts, idle = self._split_nodes(kind, divisor, per_hour, nodes_hour)
        for (tenant, instance, component), quantity in quantities.items():
            amount = amounts.get((tenant, instance, component), ZERO)
            self._add(tenant, instance, kind, component, quantity, unit, amount)
        for tenant, amount in (*idle.by_name.items(), ("", idle.left)):
            if amount:
                self._add(tenant, "", CostKind.IDLE, kind.value, amount / per_hour, unit, amount)

    def _split_nodes(
        self, kind: CostKind, divisor: int, per_hour: Decimal, nodes_hour: Decimal
    ) -> tuple[dict[Key, Decimal], Split[str]]:
        """Return what is paid for what is reserved, and what is left, by parish where it is shared."""
        pieces = []
        for holding in self.dated:
            begun, ended = get_times(holding)
            amount = holding.cpu_millicores if kind is CostKind.CPU else holding.memory_bytes
            if holding.resource in (COMPUTE, RUN) and begun < ended:
                weight = Decimal(amount) / divisor * holding.seconds / (ended - begun)
                pieces.append(Piece((holding.tenant, holding.instance, holding.component), begun, ended, weight))
        split = split_nodes(
            pieces,
            rate=per_hour,
            per_hour=nodes_hour,
            share_idle=self.prices.share_idle,
            start=self.start,
            end=self.end,
        )
        by_tenant: defaultdict[str, Decimal] = defaultdict(Decimal)
        for (tenant, _instance, _component), part in split.idle.by_name.items():
            by_tenant[tenant] += part
        return split.reserved, Split(dict(by_tenant), split.idle.left)

    def price_storage(self) -> None:
        """Add the lines of volumes, by their provisioned sizes, and of backups, by their stored bytes."""
        divisor = self.prices.byte_unit * HOUR
        for (tenant, instance, component, storage_class), amount in self.sums.storage.items():
            per_hour = self.prices.compute_storage_hour(storage_class, month_hours=self.month_hours)
            if per_hour is None:
                self._refuse_missing(CostKind.STORAGE, amount, storage_class)
            elif amount:
                quantity = Decimal(amount) / divisor
                cost = quantity * per_hour
                self._add(tenant, instance, CostKind.STORAGE, component, quantity, self.bytes_unit, cost, storage_class)
        per_hour = self.prices.compute_backup_hour(month_hours=self.month_hours)
        for (tenant, instance), amount in self.sums.backup.items():
            if per_hour is None:
                self._refuse_missing(CostKind.BACKUP, amount)
            elif amount:
                quantity = Decimal(amount) / divisor
                self._add(tenant, instance, CostKind.BACKUP, "", quantity, self.bytes_unit, quantity * per_hour)

    def share(self) -> None:
        """Add the parts of the shared costs, split at each moment among the parishes that were there; what ran while
        none was is overhead, so that no money disappears."""
        for price in self.prices.shared:
            per_hour = self.prices.compute_shared_hour(price, month_hours=self.month_hours)
            if not per_hour:
                continue
            pieces = self._weigh(price)
            split = split_by_weight(pieces, per_hour=per_hour, start=self.start, end=self.end)
            for tenant, part in sorted(split.by_name.items()):
                self._add(tenant, "", CostKind.SHARED, price.name, part / per_hour, "h", part)
            if split.left:
                self._add("", "", CostKind.OVERHEAD, price.name, split.left / per_hour, "h", split.left)

    def _weigh(self, price: SharedPrice) -> list[Piece[str]]:
        """Return each parish's weight in one shared cost while it was there. By cost: that of the servers and volumes
        it held at the moment; runs and sets of backups come and go too fast to move anybody's part."""
        presence = self._get_presence(price.is_among_active)
        if price.split == "cost":
            return [
                Piece(holding.tenant, begun, ended, self._get_hour(holding))
                for holding in self.dated
                if holding.resource in (COMPUTE, STORAGE)
                for begun, ended in clip_times(*get_times(holding), presence.get(holding.tenant, ()))
            ]
        key = price.key if price.split == "key" else dict.fromkeys(presence, Decimal(1))
        return [
            Piece(tenant, begun, ended, key.get(tenant, ZERO))
            for tenant, times in presence.items()
            for begun, ended in times
        ]

    def _get_presence(self, is_among_active: bool) -> dict[str, list[Times]]:
        if is_among_active not in self.presence:
            self.presence[is_among_active] = list_presence(self.dated, is_among_active=is_among_active)
        return self.presence[is_among_active]

    def _get_hour(self, holding: Holding) -> Decimal:
        """Return what a server or a volume costs per hour, whatever its nodes hold; computed once for each size."""
        size = (holding.cpu_millicores, holding.memory_bytes, holding.storage_bytes, holding.storage_class)
        if size not in self.hours_of_sizes:
            self.hours_of_sizes[size] = self._compute_hour(holding)
        return self.hours_of_sizes[size]

    def _compute_hour(self, holding: Holding) -> Decimal:
        units = Decimal(holding.storage_bytes) / self.prices.byte_unit
        storage = self.prices.compute_storage_hour(holding.storage_class, month_hours=self.month_hours) or ZERO
        memory = Decimal(holding.memory_bytes) / self.prices.byte_unit * (self.rates.memory_hour or ZERO)
        cpu = Decimal(holding.cpu_millicores) / MILLI * (self.rates.cpu_hour or ZERO)
        return cpu + memory + units * storage

    def _refuse_missing(self, kind: CostKind, amount: int, storage_class: str = "") -> None:
        if amount:
            thing = f"{kind.value} {storage_class}".strip()
            raise CiviparoisseError("price_incomplete", sheet=self.prices.name, thing=thing)

    def _add(
        self,
        tenant: str,
        instance: str,
        kind: CostKind,
        component: str,
        quantity: Decimal,
        unit: str,
        amount: Decimal,
        storage_class: str = "",
    ) -> None:
        self.lines.append(
            Line(
                tenant=tenant,
                instance=instance,
                kind=kind,
                component=component,
                storage_class=storage_class,
                quantity=quantity.quantize(PLACES),
                unit=unit,
                amount=amount.quantize(PLACES),
                price_sheet=self.prices.identifier,
            )
        )
