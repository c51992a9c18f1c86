"""What would a month cost if…: the fleet as it is wanted now, changed in one way, priced by the one formula. Pure.

A month is taken whole, as if nothing else changed in it: the same hours, servers on or off as they are now, runs as
long as they were lately. Every scenario starts from the same base: differences can be compared, not added.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from domain.footprints import Footprint, make_chart_footprint
from domain.reservations import Reservation, add_reservations
from domain.specs import Plan
from finops.ledger.holdings import Holding
from finops.prices.pricing import Line, compute_lines
from finops.prices.rates import Prices, Rate, SharedPrice
from finops.usage.efficiency import price_hour
from finops.usage.floors import MEBIBYTE, MYSQL_MINIMUM_BYTES, PHP_MEMORY_LIMIT_BYTES

ZERO = Decimal(0)
# One MySQL for all: InnoDB's own minimum once, then buffers and connections of each parish. Assumptions, said as such.
SHARED_MYSQL_CPU_MILLICORES = 500
SHARED_MYSQL_CPU_EACH = 25
SHARED_MYSQL_MEMORY_EACH = 96 * MEBIBYTE
# Apache's event processes and the pool's master, beside the workers.
FPM_BASE_BYTES = 128 * MEBIBYTE


class Question(StrEnum):
    """What can be asked; each is one function below."""

    NOW = "now"
    OVERCOMMIT = "overcommit"
    SHARED_MYSQL = "shared_mysql"
    MYSQL_SERVICE = "mysql_service"
    PHP_FPM = "php_fpm"
    INIT_CONTAINERS = "init_containers"
    PLAN = "plan"
    PRICES = "prices"
    NIGHT = "night"
    NEW_PARISHES = "new_parishes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parish:
    """One instance as it is wanted now. `run_seconds`: by program, how long its runs hold their reservation in a month.
    `backup_bytes`: of its stored sets. `hours_off`: per day, how long its servers and its cron are stopped."""

    tenant: str
    instance: str
    engine: str
    plan: Plan
    footprint: Footprint
    is_running: bool = True
    storage_class: str = ""
    run_seconds: Mapping[str, int] = field(default_factory=dict)
    backup_bytes: int = 0
    hours_off: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All instances and the prices by engine, "" for every engine without its own."""

    parishes: tuple[Parish, ...]
    prices: Mapping[str, Prices]

    def find_prices(self, engine: str) -> Prices | None:
        """Return the prices of an engine, None when nobody has set any."""
        return self.prices.get(engine) or self.prices.get("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a month costs then. `total`: the bill; `by_tenant`: what each parish pays; `idle`: what no parish pays;
    `nodes`: how many nodes hold it, None where there are none or nothing fits."""

    question: Question
    total: Decimal
    by_tenant: Mapping[str, Decimal]
    idle: Decimal
    reserved: Reservation
    nodes: int | None = None


def price_fleet(
    fleet: Fleet, *, question: Question, start: int, end: int, count_nodes: Callable[[Fleet], int | None] | None = None
) -> Outcome:
    """Return what the fleet costs from `start` to `end` (a month's seconds). `count_nodes`: how many nodes the fleet
    needs; where nodes are paid, that many are."""
    nodes = count_nodes(fleet) if count_nodes else None
    lines: list[Line] = []
    hours = (end - start) // 3600
    for engine in sorted({parish.engine for parish in fleet.parishes}):
        prices = fleet.find_prices(engine)
        if prices is not None:
            own = [parish for parish in fleet.parishes if parish.engine == engine]
            uses = [use for parish in own for use in make_holdings(parish, seconds=end - start)]
            lines += compute_lines(uses, _fit_nodes(prices, nodes), start=start, end=end, month_hours=hours)
    by_tenant: dict[str, Decimal] = {}
    for line in lines:
        by_tenant[line.tenant] = by_tenant.get(line.tenant, ZERO) + line.amount
    idle = by_tenant.pop("", ZERO)
    return Outcome(
        question=question,
        total=sum(by_tenant.values(), idle),
        by_tenant=by_tenant,
        idle=idle,
        reserved=add_reservations(parish.footprint.at_rest for parish in fleet.parishes if parish.is_running),
        nodes=nodes,
    )


def make_holdings(parish: Parish, *, seconds: int) -> list[Holding]:
    """Return what one instance holds in `seconds`, as the ledger would write it."""
    held = int(seconds * (24 - parish.hours_off) / 24) if parish.is_running else 0

    def use(resource: str, component: str, amounts: Reservation, stored: int, lasting: int) -> Holding:
        storage_class = parish.storage_class if resource == "storage" else ""
        return Holding(
            parish.tenant, parish.instance, parish.engine, resource, component, storage_class,
            amounts.cpu_millicores, amounts.memory_bytes, stored, "spec", lasting,
        )  # fmt: skip

    nothing = Reservation(0, 0)
    holdings = [use("compute", name, amounts, 0, held) for name, amounts in parish.footprint.servers.items()]
    holdings += [
        use("run", name, parish.footprint.find_run(name), 0, _scale(lasting, held, seconds))
        for name, lasting in parish.run_seconds.items()
    ]
    holdings += [use("storage", name, nothing, size, seconds) for name, size in parish.footprint.volumes.items()]
    if parish.backup_bytes:
        holdings.append(use("backup", "", nothing, parish.backup_bytes, seconds))
    return [holding for holding in holdings if holding.seconds]


def overcommit(fleet: Fleet, *, percent: int) -> Fleet:
    """Return the fleet with requests at `percent` of what they are: pods are no longer guaranteed, and the node may
    have to kill one of them when all need their limit at once."""
    return _change(fleet, lambda parish: replace(parish, footprint=_scale_footprint(parish.footprint, percent)))


def share_mysql(fleet: Fleet, *, monthly_price: Decimal | None = None) -> Fleet:
    """Return the fleet with one MySQL behind all mysqlrouters, a shared cost split evenly: by its own reservation at
    each engine's rates, or at `monthly_price` when it is a provider's service. Volumes stay, and are paid for."""
    changed = _change(fleet, _drop_server("db"))
    prices = {}
    for engine, own in fleet.prices.items():
        count = sum(1 for parish in fleet.parishes if fleet.find_prices(parish.engine) is own and parish.is_running)
        rate = Rate(amount=monthly_price, is_monthly=True) if monthly_price is not None else _price_mysql(own, count)
        shared = SharedPrice(name="mysql", rate=rate)
        prices[engine] = replace(own, shared=(*own.shared, shared)) if count else own
    return replace(changed, prices=prices)


def use_php_fpm(fleet: Fleet, *, children: int) -> Fleet:
    """Return the fleet with a pool of at most `children` PHP workers each instead of prefork's: the rest of the
    requests wait their turn, static files no longer hold a PHP worker."""

    def shrink(parish: Parish) -> Parish:
        web = parish.footprint.servers.get("httpd")
        if web is None:
            return parish
        freed = (
            parish.plan.containers["httpd"].memory_request_bytes - FPM_BASE_BYTES - children * PHP_MEMORY_LIMIT_BYTES
        )
        smaller = Reservation(web.cpu_millicores, web.memory_bytes - max(freed, 0))
        return replace(
            parish, footprint=replace(parish.footprint, servers={**parish.footprint.servers, "httpd": smaller})
        )

    return _change(fleet, shrink)


def use_init_containers(fleet: Fleet) -> Fleet:
    """Return the fleet as the chart lays it out: init and update as init containers of the database's pod, which hold
    their reservation for its whole life."""

    def change(parish: Parish) -> Parish:
        chart = make_chart_footprint(parish.plan)
        return replace(parish, footprint=replace(parish.footprint, servers=chart.servers))

    return _change(fleet, change)


def use_plan(fleet: Fleet, plan: Plan, footprint: Footprint, *, instances: frozenset[str] | None = None) -> Fleet:
    """Return the fleet with another plan, for all or for some instances."""
    return _change(
        fleet,
        lambda parish: (
            replace(parish, plan=plan, footprint=footprint)
            if instances is None or parish.instance in instances
            else parish
        ),
    )


def use_prices(fleet: Fleet, prices: Prices) -> Fleet:
    """Return the fleet at other prices, on every engine."""
    return replace(fleet, prices={"": prices})


def suspend_at_night(fleet: Fleet, *, hours: Decimal) -> Fleet:
    """Return the fleet with its servers stopped for `hours` of every day; volumes and backups stay."""
    return _change(fleet, lambda parish: replace(parish, hours_off=hours))


def add_parishes(fleet: Fleet, model: Parish, *, count: int) -> Fleet:
    """Return the fleet with `count` more parishes like `model`, called new-1, new-2, …"""
    new = tuple(replace(model, tenant=f"new-{number}", instance=f"new-{number}") for number in range(1, count + 1))
    return replace(fleet, parishes=(*fleet.parishes, *new))


def _change(fleet: Fleet, change: Callable[[Parish], Parish]) -> Fleet:
    return replace(fleet, parishes=tuple(map(change, fleet.parishes)))


def _drop_server(name: str) -> Callable[[Parish], Parish]:
    def drop(parish: Parish) -> Parish:
        servers = {server: held for server, held in parish.footprint.servers.items() if server != name}
        return replace(parish, footprint=replace(parish.footprint, servers=servers))

    return drop


def _price_mysql(prices: Prices, count: int) -> Rate:
    """Return what one MySQL for `count` parishes costs per hour at the rates of `prices`."""
    cpu = SHARED_MYSQL_CPU_MILLICORES + count * SHARED_MYSQL_CPU_EACH
    return Rate(amount=price_hour(prices, cpu, MYSQL_MINIMUM_BYTES + count * SHARED_MYSQL_MEMORY_EACH))


def _scale_footprint(footprint: Footprint, percent: int) -> Footprint:
    def scale(reservations: Mapping[str, Reservation]) -> dict[str, Reservation]:
        return {
            name: Reservation(_part(held.cpu_millicores, percent), _part(held.memory_bytes, percent))
            for name, held in reservations.items()
        }

    return replace(
        footprint,
        servers=scale(footprint.servers),
        schedules=scale(footprint.schedules),
        jobs=scale(footprint.jobs),
    )


def _part(amount: int, percent: int) -> int:
    return int((Decimal(amount) * percent / 100).to_integral_value(ROUND_CEILING))


def _scale(lasting: int, held: int, seconds: int) -> int:
    """Return how long runs last when their servers are on for `held` of `seconds` only."""
    return lasting * held // seconds if seconds else 0


def _fit_nodes(prices: Prices, nodes: int | None) -> Prices:
    """Return prices that pay for as many nodes as are needed; only where one pool is all there is."""
    if nodes is None or prices.nodes is None or len(prices.nodes) != 1:
        return prices
    return replace(prices, nodes=(replace(prices.nodes[0], count=Decimal(nodes)),))
