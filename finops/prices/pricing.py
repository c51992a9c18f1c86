"""From what was held and what it is worth to what each parish costs, exactly. Pure: Decimal in, Decimal out.

The model is OpenCost's (specification 0.1): bill = parishes + idle + overhead. A reservation is charged whole, used or
not: request and limit are equal here, so that the sum is exact and needs no measurement. Nothing is rounded here:
finops/prices/rounding.py does that once, for a whole month.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from domain.errors import CiviparoisseError
from finops.ledger.holdings import Holding
from finops.prices.rates import Prices, SharedPrice

# Wide enough that the sum of a thousand parts differs from the whole by far less than any cent.
PRECISION = Context(prec=50)
# What is kept of an amount: a third of ten euros three times is ten euros again, for any cent that is rounded later.
PLACES = Decimal("1e-20")
ZERO = Decimal(0)
MILLI = 1000
HOUR = 3600
# The volume that is kept when an instance is deleted but its backups are not.
BACKUPS_VOLUME = "backups"


class Kind(StrEnum):
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
    kind: Kind
    component: str
    storage_class: str
    quantity: Decimal
    unit: str
    amount: Decimal
    price_sheet: int


def compute_lines(
    uses: Iterable[Holding], prices: Prices, *, start: int, end: int, month_hours: int
) -> tuple[Line, ...]:
    """Return every line of cost from `start` to `end` (seconds) at `prices`, in an order that does not depend on that
    of `uses`. Their sum is the bill. `month_hours`: the real hours of the month that the time is in.

    A price of nodes bounds what is charged: when more was reserved than the nodes hold, each pays less, not the sum
    more. Every amount is 0 or more. Raise CiviparoisseError `price_incomplete` for a use without a price.
    """
    with localcontext(PRECISION):
        pricing = _Pricing(uses, prices, hours=Decimal(end - start) / HOUR, month_hours=month_hours)
        pricing.price_compute()
        pricing.price_storage()
        pricing.share()
        return tuple(sorted(pricing.lines, key=lambda line: (line.tenant, line.instance, line.kind, line.component)))


Key = tuple[str, str, str]


class _Sums:
    """What the uses come to. CPU in millicore-seconds, memory and storage in byte-seconds: whole numbers."""

    def __init__(self, uses: Iterable[Holding]) -> None:
        self.cpu: defaultdict[Key, int] = defaultdict(int)
        self.memory: defaultdict[Key, int] = defaultdict(int)
        self.storage: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
        self.backup: defaultdict[tuple[str, str], int] = defaultdict(int)
        # Per parish, the longest that one thing was held: an instance is there as long as its longest volume.
        self.provisioned: defaultdict[str, int] = defaultdict(int)
        self.active: defaultdict[str, int] = defaultdict(int)
        seconds: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
        for use in uses:
            key = (use.tenant, use.instance, use.component)
            seconds[(*key, use.resource)] += use.seconds
            if use.resource in ("compute", "run"):
                self.cpu[key] += use.cpu_millicores * use.seconds
                self.memory[key] += use.memory_bytes * use.seconds
            elif use.resource == "storage":
                self.storage[(*key, use.storage_class)] += use.storage_bytes * use.seconds
            else:
                self.backup[use.tenant, use.instance] += use.storage_bytes * use.seconds
        for (tenant, _instance, component, resource), held in seconds.items():
            if resource == "storage" and component != BACKUPS_VOLUME:
                self.provisioned[tenant] = max(self.provisioned[tenant], held)
            elif resource == "compute":
                self.active[tenant] = max(self.active[tenant], held)


class _Pricing:
    """One computation. `hours`: how long it is for."""

    def __init__(self, uses: Iterable[Holding], prices: Prices, *, hours: Decimal, month_hours: int) -> None:
        self.sums = _Sums(uses)
        self.prices = prices
        self.hours = hours
        self.month_hours = month_hours
        self.bytes_unit = f"{prices.byte_unit_name}-h"
        self.lines: list[Line] = []

    def price_compute(self) -> None:
        """Add the lines of CPU and memory, and those of what is left of the nodes."""
        rates = self.prices.compute_rates(hours=self.hours, month_hours=self.month_hours)
        byte_unit = self.prices.byte_unit * HOUR
        self._price_held(Kind.CPU, self.sums.cpu, MILLI * HOUR, "vCPU-h", rates.cpu_hour, rates.cpu_total)
        self._price_held(
            Kind.MEMORY, self.sums.memory, byte_unit, self.bytes_unit, rates.memory_hour, rates.memory_total
        )

    def _price_held(
        self,
        kind: Kind,
        held: Mapping[Key, int],
        divisor: int,
        unit: str,
        per_hour: Decimal | None,
        total: Decimal | None,
    ) -> None:
        everything = sum(held.values())
        if per_hour is None:
            self._refuse_missing(kind, everything)
            return
        quantity = Decimal(everything) / divisor
        if total is not None and quantity * per_hour > total:
            per_hour = total / quantity
        left = ZERO if total is None else max(ZERO, total - quantity * per_hour)
        for (tenant, instance, component), amount in held.items():
            if amount:
                quantity = Decimal(amount) / divisor
                self._add(tenant, instance, kind, component, quantity, unit, quantity * per_hour)
        if left and everything and self.prices.share_idle:
            for tenant, amount in _group_by_tenant(held).items():
                part = left * amount / everything
                self._add(tenant, "", Kind.IDLE, kind.value, part / per_hour, unit, part)
        elif left:
            self._add("", "", Kind.IDLE, kind.value, left / per_hour, unit, left)

    def price_storage(self) -> None:
        """Add the lines of volumes, by their provisioned sizes, and of backups, by their stored bytes."""
        divisor = self.prices.byte_unit * HOUR
        for (tenant, instance, component, storage_class), amount in self.sums.storage.items():
            per_hour = self.prices.compute_storage_hour(storage_class, month_hours=self.month_hours)
            if per_hour is None:
                self._refuse_missing(Kind.STORAGE, amount, storage_class)
            elif amount:
                quantity = Decimal(amount) / divisor
                cost = quantity * per_hour
                self._add(tenant, instance, Kind.STORAGE, component, quantity, self.bytes_unit, cost, storage_class)
        per_hour = self.prices.compute_backup_hour(month_hours=self.month_hours)
        for (tenant, instance), amount in self.sums.backup.items():
            if per_hour is None:
                self._refuse_missing(Kind.BACKUP, amount)
            elif amount:
                quantity = Decimal(amount) / divisor
                self._add(tenant, instance, Kind.BACKUP, "", quantity, self.bytes_unit, quantity * per_hour)

    def share(self) -> None:
        """Add the parts of the shared costs; what there is nobody to pay is overhead, so that no money disappears."""
        own: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            if line.tenant and line.kind is not Kind.IDLE:
                own[line.tenant] += line.amount
        for price in self.prices.shared:
            cost = self.prices.compute_shared_hour(price, month_hours=self.month_hours) * self.hours
            present = self.sums.active if price.is_among_active else self.sums.provisioned
            weights = _compute_weights(price, own=own, present=present)
            total = sum((weights[tenant] for tenant in sorted(weights)), ZERO)
            if cost and not total:
                self._add("", "", Kind.OVERHEAD, price.name, self.hours, "h", cost)
            for tenant, weight in sorted(weights.items()):
                if cost and weight:
                    quantity = self.hours * weight / total
                    self._add(tenant, "", Kind.SHARED, price.name, quantity, "h", cost * weight / total)

    def _refuse_missing(self, kind: Kind, amount: int, storage_class: str = "") -> None:
        if amount:
            thing = f"{kind.value} {storage_class}".strip()
            raise CiviparoisseError("price_incomplete", sheet=self.prices.name, thing=thing)

    def _add(
        self,
        tenant: str,
        instance: str,
        kind: Kind,
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


def _compute_weights(
    price: SharedPrice, *, own: Mapping[str, Decimal], present: Mapping[str, int]
) -> dict[str, Decimal]:
    """Return each parish's weight in one shared cost; only those that were there take part, by their time when the
    split is even or by a key."""
    weigh: dict[str, Callable[[str], Decimal]] = {
        "even": lambda tenant: Decimal(present[tenant]),
        "cost": lambda tenant: own.get(tenant, ZERO),
        "key": lambda tenant: price.key.get(tenant, ZERO) * present[tenant],
    }
    return {tenant: weigh[price.split](tenant) for tenant, held in present.items() if held}


def _group_by_tenant(held: Mapping[Key, int]) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for (tenant, _instance, _component), amount in held.items():
        if amount:
            found[tenant] += amount
    return found
