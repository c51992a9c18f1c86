"""How much of what is reserved is used, weighted by what it costs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.specs import Plan
from finops.prices import Prices
from finops.usage import MeanUse

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
    """Return the efficiency of one instance: only containers that were measured count, on both sides."""
    rates = prices.compute_rates(hours=Decimal(1), month_hours=MEAN_MONTH_HOURS)
    found = []
    for name, mean in use.items():
        sizes = plan.containers.get(name)
        if sizes is not None:
            reserved = _price(
                rates.cpu_hour, rates.memory_hour, sizes.cpu_request_millicores, sizes.memory_request_bytes, prices
            )
            used = _price(rates.cpu_hour, rates.memory_hour, mean.cpu_millicores, mean.memory_bytes, prices)
            found.append(Efficiency(reserved, used))
    return add_efficiencies(found)


def add_efficiencies(parts: Iterable[Efficiency]) -> Efficiency:
    """Return the efficiency of several together: sums of money, never a mean of percentages."""
    found = list(parts)
    return Efficiency(sum((one.reserved for one in found), ZERO), sum((one.used for one in found), ZERO))


def _price(
    cpu_hour: Decimal, memory_hour: Decimal, millicores: int | Decimal, memory_bytes: int | Decimal, prices: Prices
) -> Decimal:
    return Decimal(millicores) / 1000 * cpu_hour + Decimal(memory_bytes) / prices.byte_unit * memory_hour
