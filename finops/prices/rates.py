"""What things are worth: frozen values made of price sheets, and rates per hour. Pure, but for `list_prices`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from finops.calendar import compute_day, compute_day_start
from finops.price_models import Among, ByteUnit, LineKind, Period, PriceLine, PriceMode, PriceSheet

BYTE_UNITS = {ByteUnit.GIB.value: 2**30, ByteUnit.GB.value: 10**9}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """An amount of money per hour, or per month."""

    amount: Decimal
    is_monthly: bool = False

    def compute_hour(self, *, month_hours: int, fixed: Decimal | None) -> Decimal:
        """Return it per hour. `month_hours`: the month's real hours. `fixed`: what the sheet divides a month by
        instead, None for the real hours."""
        if not self.is_monthly:
            return self.amount
        return self.amount / (Decimal(month_hours) if fixed is None else fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePrice:
    """A pool of `count` nodes, each with so much CPU (millicores) and memory (bytes)."""

    name: str
    rate: Rate
    count: Decimal
    cpu_millicores: int
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPrice:
    """A cost of all. `split`: even, cost or key. `key`: slug -> weight."""

    name: str
    rate: Rate
    quantity: Decimal = Decimal(1)
    split: str = "even"
    is_among_active: bool = False
    key: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Per hour: one vCPU, one unit of memory; None without a price. `cpu_total`, `memory_total`: what the CPU and the
    memory of the nodes cost over the time asked for, None when nobody pays for nodes."""

    cpu_hour: Decimal | None
    memory_hour: Decimal | None
    cpu_total: Decimal | None = None
    memory_total: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """One price sheet. `byte_unit`: bytes of one unit of memory or storage. `month_hours`: see PriceSheet. `cpu`,
    `memory`, `storage`, `backup`: None, or no such class, when nobody has said what it costs, which is not nothing."""

    identifier: int
    name: str
    currency: str = "EUR"
    vat_included: bool = False
    vat_percent: Decimal = Decimal(20)
    byte_unit: int = 2**30
    month_hours: Decimal | None = None
    cpu: Rate | None = None
    memory: Rate | None = None
    nodes: tuple[NodePrice, ...] | None = None
    cpu_weight: Decimal = Decimal(9)
    memory_weight: Decimal = Decimal(1)
    share_idle: bool = False
    storage: Mapping[str, Rate] = field(default_factory=dict)
    backup: Rate | None = None
    shared: tuple[SharedPrice, ...] = ()

    @property
    def byte_unit_name(self) -> str:
        """GiB or GB."""
        return next(name for name, size in BYTE_UNITS.items() if size == self.byte_unit)

    def compute_rates(self, *, hours: Decimal, month_hours: int) -> Rates:
        """Return the rates of CPU and memory, and what `hours` of all nodes cost.

        A node's price is split so that vCPUs × rate + units of memory × rate is the price, the two rates being as the
        weights are (AWS, split cost allocation: 9 to 1). Pools of several prices have one rate: their average.
        """
        if self.nodes is None:
            return Rates(
                cpu_hour=None if self.cpu is None else self._compute_hour(self.cpu, month_hours),
                memory_hour=None if self.memory is None else self._compute_hour(self.memory, month_hours),
            )
        cpu_cost = memory_cost = cpus = units = ZERO
        for node in self.nodes:
            price = self._compute_hour(node.rate, month_hours)
            node_cpus = Decimal(node.cpu_millicores) / 1000
            node_units = Decimal(node.memory_bytes) / self.byte_unit
            part = price / (node_cpus * self.cpu_weight + node_units * self.memory_weight)
            cpus += node.count * node_cpus
            units += node.count * node_units
            cpu_cost += node.count * node_cpus * self.cpu_weight * part
            memory_cost += node.count * node_units * self.memory_weight * part
        return Rates(
            cpu_hour=cpu_cost / cpus if cpus else None,
            memory_hour=memory_cost / units if units else None,
            cpu_total=cpu_cost * hours,
            memory_total=memory_cost * hours,
        )

    def compute_storage_hour(self, storage_class: str, *, month_hours: int) -> Decimal | None:
        """Return what one unit of a volume of that class costs per hour; a class without a price of its own has the
        one of the line without a name. None when there is neither."""
        rate = self.storage.get(storage_class) or self.storage.get("")
        return None if rate is None else self._compute_hour(rate, month_hours)

    def compute_backup_hour(self, *, month_hours: int) -> Decimal | None:
        """Return what one unit of stored backups costs per hour, None when nobody has said."""
        return None if self.backup is None else self._compute_hour(self.backup, month_hours)

    def compute_shared_hour(self, shared: SharedPrice, *, month_hours: int) -> Decimal:
        """Return what a shared cost comes to per hour."""
        return shared.quantity * self._compute_hour(shared.rate, month_hours)

    def _compute_hour(self, rate: Rate, month_hours: int) -> Decimal:
        return rate.compute_hour(month_hours=month_hours, fixed=self.month_hours)


def make_prices(sheet: PriceSheet) -> Prices:
    """Return the values of a sheet; its lines should be prefetched."""
    lines = sorted(sheet.lines.all(), key=lambda line: (line.kind, line.name))
    chosen = {kind: [line for line in lines if line.kind == kind] for kind in LineKind}

    def find_rate(kind: LineKind) -> Rate | None:
        return next((_make_rate(line) for line in chosen[kind]), None)

    return Prices(
        identifier=sheet.pk,
        name=sheet.name,
        currency=sheet.currency,
        vat_included=sheet.vat_included,
        vat_percent=sheet.vat_percent,
        byte_unit=BYTE_UNITS[sheet.byte_unit],
        month_hours=sheet.month_hours,
        cpu=find_rate(LineKind.CPU),
        memory=find_rate(LineKind.MEMORY),
        nodes=tuple(map(_make_node, chosen[LineKind.NODE])) if sheet.mode == PriceMode.NODES else None,
        cpu_weight=sheet.cpu_weight,
        memory_weight=sheet.memory_weight,
        share_idle=sheet.share_idle,
        storage={line.name: _make_rate(line) for line in chosen[LineKind.STORAGE]},
        backup=find_rate(LineKind.BACKUP),
        shared=tuple(map(_make_shared, chosen[LineKind.SHARED])),
    )


def _make_rate(line: PriceLine) -> Rate:
    return Rate(amount=line.amount, is_monthly=line.period == Period.MONTH)


def _make_node(line: PriceLine) -> NodePrice:
    return NodePrice(
        name=line.name,
        rate=_make_rate(line),
        count=line.quantity,
        cpu_millicores=line.cpu_millicores,
        memory_bytes=line.memory_bytes,
    )


def _make_shared(line: PriceLine) -> SharedPrice:
    return SharedPrice(
        name=line.name,
        rate=_make_rate(line),
        quantity=line.quantity,
        split=line.split,
        is_among_active=line.among == Among.ACTIVE,
        key={slug: Decimal(str(weight)) for slug, weight in line.key.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A time in which prices do not change. `prices`: by engine, "" for every engine without its own."""

    start: int
    end: int
    prices: Mapping[str, Prices]

    def find(self, engine: str) -> Prices | None:
        """Return the prices of an engine, None when nobody has set any."""
        return self.prices.get(engine) or self.prices.get("")


def list_segments(start: int, end: int) -> tuple[Segment, ...]:
    """Return the times between `start` and `end` in which prices do not change, in order and without a gap; two
    queries. Both are seconds; sheets change at the beginning of a day."""
    first, last = compute_day(start), compute_day(end - 1)
    sheets = [
        sheet
        for sheet in PriceSheet.objects.filter(valid_from__lte=last).prefetch_related("lines")
        if sheet.valid_to is None or sheet.valid_to > first
    ]
    changes = {day for sheet in sheets for day in (sheet.valid_from, sheet.valid_to) if day and first < day <= last}
    days = [first, *sorted(changes), last + timedelta(days=1)]
    values = {sheet.pk: make_prices(sheet) for sheet in sheets}
    return tuple(
        Segment(
            start=max(start, compute_day_start(day)),
            end=min(end, compute_day_start(after)),
            prices={sheet.engine: values[sheet.pk] for sheet in sheets if _is_valid(sheet, day)},
        )
        for day, after in zip(days, days[1:], strict=False)
    )


def _is_valid(sheet: PriceSheet, day: date) -> bool:
    return sheet.valid_from <= day and (sheet.valid_to is None or day < sheet.valid_to)
