"""How much of what is reserved is used, weighted by what it costs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.errors import CiviparoisseError
from domain.specs import Plan
from finops.prices.pricing import CostKind
from finops.prices.rates import Prices
from finops.usage.measured import MeanUse

ZERO = Decimal(0)
MEAN_MONTH_HOURS = 730


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Money per hour: of what the measured containers reserve, and of what they used of it."""

    reserved: Decimal = ZERO
    used: Decimal = ZERO

    @property
    def share(self) -> Decimal | None:
        """Used divided by reserved; None when nothing was measured, which is not 0 %."""
        return self.used / self.reserved if self.reserved else None

    @property
    def wasted(self) -> Decimal:
        """What is reserved and not used, per hour; never less than 0."""
        return max(self.reserved - self.used, ZERO)


def compute_efficiency(plan: Plan, use: Mapping[str, MeanUse], prices: Prices) -> Efficiency:
    """Return the efficiency of one instance: only containers that were measured count, on both sides. Raise
    CiviparoisseError `price_incomplete`."""
    rows = []
    for name, mean in use.items():
        sizes = plan.containers.get(name)
        if sizes is not None:
            reserved = price_hour(prices, sizes.cpu_request_millicores, sizes.memory_request_bytes)
            used = price_hour(prices, mean.cpu_millicores, mean.memory_bytes)
            rows.append(Efficiency(reserved, used))
    return add_efficiencies(rows)


def add_efficiencies(parts: Iterable[Efficiency]) -> Efficiency:
    """Return the efficiency of several together: sums of money, never a mean of percentages."""
    added = list(parts)
    return Efficiency(sum((part.reserved for part in added), ZERO), sum((part.used for part in added), ZERO))


def price_hour(
    prices: Prices, millicores: int | Decimal, memory_bytes: int | Decimal, *, month_hours: int = MEAN_MONTH_HOURS
) -> Decimal:
    """Return what an amount of CPU and memory costs per hour. Raise CiviparoisseError `price_incomplete`."""
    rates = prices.compute_rates(hours=Decimal(1), month_hours=month_hours)
    if rates.cpu_hour is None or rates.memory_hour is None:
        thing = CostKind.CPU if rates.cpu_hour is None else CostKind.MEMORY
        raise CiviparoisseError("price_incomplete", sheet=prices.name, thing=thing.value)
    cpu = Decimal(millicores) / 1000 * rates.cpu_hour
    return cpu + Decimal(memory_bytes) / prices.byte_unit * rates.memory_hour
