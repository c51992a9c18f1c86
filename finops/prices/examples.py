"""What one instance costs per month at given prices: the live example beside a price form. Pure but for the plan."""

from dataclasses import dataclass
from decimal import Decimal

from domain.footprints import Footprint
from finops.calendar import Month
from finops.ledger.holdings import Holding
from finops.ledger.runs import PERIOD_SECONDS, TYPICAL_RUN_SECONDS
from finops.prices.pricing import CostKind, Line, compute_lines
from finops.prices.rates import Prices
from finops.prices.rounding import distribute, round_to_cent

SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The monthly cost of one instance that runs the whole month, its cron 40 s of every ten minutes. `by_kind`: cpu,
    memory, storage, shared; to the cent, they add up to `total`. `lines`: exact."""

    month: Month
    currency: str
    total: Decimal
    by_kind: dict[CostKind, Decimal]
    lines: tuple[Line, ...]


def compute_example(
    prices: Prices, footprint: Footprint, *, month: Month, parishes: int = 1, suspended: bool = False
) -> Example:
    """Return what one of `parishes` instances alike costs in `month`. `suspended`: volumes and its share only.

    What is idle of nodes is not in it unless the sheet shares it. Raise CiviparoisseError `price_incomplete`.
    """
    seconds = month.end - month.start
    names = [SAMPLE, *(f"{SAMPLE}-{number}" for number in range(1, parishes))]
    uses = [use for name in names for use in make_sample_uses(name, footprint, seconds=seconds, suspended=suspended)]
    lines = compute_lines(uses, prices, start=month.start, end=month.end, month_hours=month.hours)
    own = tuple(line for line in lines if line.tenant == SAMPLE)
    exact = {kind: sum((line.amount for line in own if line.kind is kind), Decimal(0)) for kind in CostKind}
    exact = {kind: amount for kind, amount in exact.items() if amount}
    total = round_to_cent(sum(exact.values(), Decimal(0)))
    return Example(month=month, currency=prices.currency, total=total, by_kind=distribute(exact, total), lines=own)


def make_sample_uses(name: str, footprint: Footprint, *, seconds: int, suspended: bool = False) -> list[Holding]:
    """Return what an instance of a parish called `name` holds in `seconds`: servers, cron and volumes."""

    def use(
        resource: str, component: str, *, cpu: int = 0, memory: int = 0, storage: int = 0, held: int = 0
    ) -> Holding:
        return Holding(
            tenant=name,
            instance=name,
            engine="",
            resource=resource,
            component=component,
            storage_class="",
            cpu_millicores=cpu,
            memory_bytes=memory,
            storage_bytes=storage,
            source="estimate",
            seconds=held or seconds,
        )

    uses = [use("storage", volume, storage=size) for volume, size in footprint.volumes.items()]
    if suspended:
        return uses
    uses += [use("compute", name, cpu=held[0], memory=held[1]) for name, held in footprint.servers.items()]
    cron = footprint.find_run("cron")
    share = seconds * TYPICAL_RUN_SECONDS // PERIOD_SECONDS
    return [*uses, use("run", "cron", cpu=cron.cpu_millicores, memory=cron.memory_bytes, held=share)]
