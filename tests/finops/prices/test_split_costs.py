"""Shared costs by every rule, each with figures that any other rule would give otherwise."""

from decimal import Decimal

from finops.ledger.holdings import Holding
from finops.prices.pricing import CostKind, compute_lines
from finops.prices.rates import Prices
from tests.finops.cases import GIBIBYTE, HOUR, hourly, make_nodes, make_prices, make_shared, make_use, monthly

HOURS = 10
PLACES = Decimal("1e-12")


def share(holdings: list[Holding], prices: Prices) -> dict[str, Decimal]:
    lines = compute_lines(holdings, prices, start=0, end=HOURS * HOUR, month_hours=HOURS)
    shared = [line for line in lines if line.kind in (CostKind.SHARED, CostKind.OVERHEAD)]
    assert abs(sum(line.amount for line in shared) - 120) < PLACES
    # What a part is of: hours of the whole cost.
    assert all(abs(line.quantity * 12 - line.amount) < PLACES and line.unit == "h" for line in shared)
    return {line.tenant: line.amount.quantize(PLACES).normalize() for line in shared}


def volume(tenant: str, component: str = "db", *, hours: int = HOURS, size: int = 1, **changes: object) -> Holding:
    return make_use(tenant, "storage", component, storage_bytes=size * GIBIBYTE, seconds=hours * HOUR, **changes)


def server(tenant: str, *, start: int, end: int, **changes: object) -> Holding:
    times = {"start": start * HOUR, "end": end * HOUR, "seconds": (end - start) * HOUR}
    return make_use(tenant, **{"cpu_millicores": 1000, **times, **changes})


def test_three_volumes_of_a_parish_are_one_parish() -> None:
    holdings = [volume("a"), volume("a", "files"), volume("a", "private"), volume("b")]
    assert share(holdings, make_prices(shared=(make_shared("120"),))) == {"a": 60, "b": 60}


def test_a_key_counts_while_the_parish_is_there() -> None:
    holdings = [volume("a"), volume("b", hours=5), volume("keyless")]
    prices = make_prices(shared=(make_shared("120", split="key", key={"a": Decimal(1), "b": Decimal(2)}),))
    # Five hours by one to two, then a by itself: 20 + 60.
    assert share(holdings, prices) == {"a": 80, "b": 40}


def test_parishes_without_any_weight_leave_the_cost_to_nobody() -> None:
    prices = make_prices(shared=(make_shared("120", split="key", key={"other": Decimal(1)}),))
    assert share([volume("a")], prices) == {"": 120}


def test_own_cost_is_that_of_the_volume_s_own_class() -> None:
    prices = make_prices(storage={"": monthly("1"), "fast": monthly("3")}, shared=(make_shared("120", split="cost"),))
    assert share([volume("a"), volume("b", storage_class="fast")], prices) == {"a": 30, "b": 90}
    assert share([volume("a"), volume("b", size=2)], prices) == {"a": 40, "b": 80}


def test_own_cost_is_of_servers_and_volumes_at_the_moment_without_a_part_of_what_is_idle() -> None:
    nodes = make_nodes(cpus=16, gibibytes=16, price="160")
    prices = make_prices(
        nodes=nodes, share_idle=True, storage={"": hourly("0")}, shared=(make_shared("120", split="cost"),)
    )
    holdings = [volume("a"), volume("b"), server("a", start=0, end=10), server("b", start=5, end=10)]
    # Alone for five hours, half each for five: 60 + 30.
    assert share(holdings, prices) == {"a": 90, "b": 30}
    larger = [*holdings[:3], server("b", start=5, end=10, cpu_millicores=3000)]
    assert share(larger, prices) == {"a": 75, "b": 45}


def test_memory_counts_by_its_price() -> None:
    prices = make_prices(
        cpu=hourly("1"), memory=hourly("2"), storage={"": hourly("0")}, shared=(make_shared("120", split="cost"),)
    )
    holdings = [volume("a"), volume("b"), server("a", start=0, end=10)]
    holdings.append(server("b", start=0, end=10, cpu_millicores=0, memory_bytes=GIBIBYTE))
    assert share(holdings, prices) == {"a": 40, "b": 80}


def test_among_active_only_the_hours_of_servers_count() -> None:
    prices = make_prices(shared=(make_shared("120", is_among_active=True),))
    holdings = [volume("a"), volume("b"), server("a", start=2, end=10), server("b", start=4, end=6)]
    assert share(holdings, prices) == {"": 24, "a": 24 + 12 + 48, "b": 12}


def test_runs_and_backups_move_nobody_s_part() -> None:
    prices = make_prices(shared=(make_shared("120", split="cost"),))
    run = make_use("b", "run", "cron", cpu_millicores=9000, seconds=HOUR)
    backup = make_use("b", "backup", "", storage_bytes=900 * GIBIBYTE, seconds=HOUR)
    assert share([volume("a"), volume("b"), run, backup], prices) == {"a": 60, "b": 60}


def test_what_a_cost_is_of_no_money_has_no_line() -> None:
    prices = make_prices(shared=(make_shared("0"), make_shared("120", name="paid")))
    assert share([volume("a")], prices) == {"a": 120}
