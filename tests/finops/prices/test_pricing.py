"""From uses to lines: the figures of docs/finops.md#reference-figures, and its invariants at random points."""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import CiviparoisseError
from finops.ledger.holdings import Holding
from finops.prices.pricing import CostKind, Line, compute_lines
from finops.prices.rates import Prices
from tests.finops.cases import (
    GIBIBYTE,
    HOUR,
    MEBIBYTE,
    MONTH_HOURS,
    hourly,
    make_nodes,
    make_prices,
    make_shared,
    make_use,
    monthly,
)

EXAMPLES = 40


def price(uses: Iterable[Holding], prices: Prices, *, hours: int = MONTH_HOURS) -> tuple[Line, ...]:
    return compute_lines(uses, prices, start=0, end=hours * HOUR, month_hours=MONTH_HOURS)


def add(lines: Iterable[Line], **wanted: object) -> Decimal:
    found = [line.amount for line in lines if all(getattr(line, key) == value for key, value in wanted.items())]
    return sum(found, Decimal(0))


@pytest.mark.parametrize(
    ("mebibytes", "millicores", "cost"),
    [("2504", "1700", "46.7926"), ("3144", "2450", "66.0328")],
)
def test_the_documentation_s_reservations_cost_what_was_computed_by_hand(
    mebibytes: str, millicores: str, cost: str
) -> None:
    use = make_use(cpu_millicores=int(millicores), memory_bytes=int(mebibytes) * MEBIBYTE)
    assert add(price([use], make_prices())).quantize(Decimal("0.0001")) == Decimal(cost)


def test_a_cron_costs_as_long_as_it_runs() -> None:
    # 40 s of every 900 s; the rest is held always (docs/finops.md#reference-figures).
    held = MONTH_HOURS * HOUR * 40 // 900
    uses = [
        make_use(cpu_millicores=2100, memory_bytes=2660 * MEBIBYTE),
        make_use(resource="run", component="cron", cpu_millicores=350, memory_bytes=484 * MEBIBYTE, seconds=held),
    ]
    assert add(price(uses, make_prices())).quantize(Decimal("0.0001")) == Decimal("56.9182")


def test_a_node_s_price_is_split_as_aws_splits_it() -> None:
    lines = price([], make_prices(nodes=make_nodes()), hours=1)
    assert {(line.kind, line.component, line.quantity.quantize(Decimal("1e-15"))) for line in lines} == {
        (CostKind.IDLE, "cpu", Decimal(4)),
        (CostKind.IDLE, "memory", Decimal(16)),
    }
    (cpu,) = (line for line in lines if line.component == "cpu")
    (memory,) = (line for line in lines if line.component == "memory")
    assert (cpu.amount / 4).quantize(Decimal("0.0000001")) == Decimal("0.1730769")
    assert (memory.amount / 16).quantize(Decimal("0.0000001")) == Decimal("0.0192308")
    assert cpu.amount + memory.amount == Decimal(1)


def test_storage_costs_by_size_and_class_whether_used_or_not() -> None:
    prices = make_prices(storage={"": monthly("0.04"), "fast": monthly("0.08")})
    uses = [
        make_use(resource="storage", component="db", storage_bytes=GIBIBYTE),
        make_use(resource="storage", component="files", storage_bytes=2 * GIBIBYTE, storage_class="fast"),
        make_use(resource="backup", component="x", storage_bytes=GIBIBYTE // 2),
    ]
    lines = price(uses, prices)
    assert {(line.kind, line.component): line.amount.quantize(Decimal("0.000001")) for line in lines} == {
        (CostKind.STORAGE, "db"): Decimal("0.04"),
        (CostKind.STORAGE, "files"): Decimal("0.16"),
        (CostKind.BACKUP, ""): Decimal("0.01"),
    }
    rate = make_prices().storage[""].amount * MONTH_HOURS
    assert rate.quantize(Decimal("0.0001")) == Decimal("0.04")


def test_a_gigabyte_is_seven_percent_less_than_a_gibibyte() -> None:
    use = make_use(resource="storage", storage_bytes=GIBIBYTE)
    in_gib, in_gb = (add(price([use], make_prices(byte_unit=size))) for size in (2**30, 10**9))
    assert (in_gb / in_gib).quantize(Decimal("0.0001")) == Decimal("1.0737")


def test_a_month_can_have_hours_of_its_own() -> None:
    use = make_use(resource="storage", storage_bytes=GIBIBYTE)
    whole = make_prices(storage={"": monthly("0.73")})
    fixed = make_prices(storage={"": monthly("0.73")}, month_hours=Decimal(365))
    assert add(price([use], whole)) == Decimal("0.73")
    assert add(price([use], fixed)) == Decimal("1.46")


def test_what_nobody_priced_is_refused_and_not_free() -> None:
    for use, missing in (
        (make_use(cpu_millicores=1), {"cpu": None}),
        (make_use(memory_bytes=1), {"memory": None}),
        (make_use(resource="storage", storage_bytes=1, storage_class="fast"), {"storage": {"slow": hourly("1")}}),
        (make_use(resource="backup", storage_bytes=1), {"backup": None}),
    ):
        with pytest.raises(CiviparoisseError) as caught:
            price([use], make_prices(**missing))
        assert caught.value.code == "price_incomplete"


def test_shared_costs_are_split_evenly_by_time_by_cost_or_by_a_key() -> None:
    uses = [
        make_use("a", "storage", storage_bytes=GIBIBYTE),
        make_use("b", "storage", storage_bytes=3 * GIBIBYTE),
        make_use("c", "storage", storage_bytes=GIBIBYTE, seconds=0),
    ]
    key = {"a": Decimal(1), "b": Decimal(4), "gone": Decimal(5)}
    for split, parts in (("even", (5, 5)), ("cost", ("2.5", "7.5")), ("key", (2, 8))):
        lines = price(uses, make_prices(shared=(make_shared("10", split=split, key=key),)))
        found = [add(lines, tenant=tenant, kind=CostKind.SHARED) for tenant in "abc"]
        assert found == [Decimal(parts[0]), Decimal(parts[1]), Decimal(0)], split
    # 1 an hour: of the one hour that both were there each pays a half.
    hour = [make_use("a", "storage", storage_bytes=1), make_use("b", "storage", storage_bytes=1, seconds=HOUR)]
    lines = price(hour, make_prices(shared=(make_shared("730"),)))
    assert add(lines, tenant="b", kind=CostKind.SHARED) == Decimal("0.5")
    assert add(lines, tenant="a", kind=CostKind.SHARED) == Decimal("729.5")


def test_a_suspended_parish_pays_its_share_by_policy() -> None:
    uses = [
        make_use("active", "storage", storage_bytes=1),
        make_use("active", memory_bytes=1),
        make_use("suspended", "storage", storage_bytes=1),
        make_use("deleted", "storage", "backups", storage_bytes=1),
    ]
    for among_active, share in ((False, 5), (True, 0)):
        lines = price(uses, make_prices(shared=(make_shared("10", is_among_active=among_active),)))
        assert add(lines, tenant="suspended", kind=CostKind.SHARED) == share
        assert add(lines, tenant="deleted", kind=CostKind.SHARED) == 0
        assert add(lines, kind=CostKind.SHARED) == 10


def test_a_shared_cost_that_nobody_can_pay_is_overhead() -> None:
    lines = price([], make_prices(shared=(make_shared("10"),)))
    assert [(line.tenant, line.kind, line.amount) for line in lines] == [
        ("", CostKind.OVERHEAD, Decimal(10).quantize(Decimal("1e-20")))
    ]


def test_idle_can_be_shared_by_those_who_reserve_each_resource_by_itself() -> None:
    prices = make_prices(nodes=make_nodes(), share_idle=True)
    uses = [
        make_use("a", cpu_millicores=1000, seconds=HOUR),
        make_use("b", cpu_millicores=1000, memory_bytes=GIBIBYTE, seconds=HOUR),
    ]
    lines = price(uses, prices, hours=1)
    cpu = [add(lines, tenant=tenant, component="cpu", kind=CostKind.IDLE) for tenant in "ab"]
    assert cpu[0] == cpu[1] > 0
    assert add(lines, tenant="a", component="memory") == 0
    assert add(lines).quantize(Decimal("1e-15")) == Decimal(1)
    unused = price([], prices, hours=1)
    assert {line.tenant for line in unused} == {""}


def test_more_than_the_nodes_hold_is_never_charged() -> None:
    uses = [make_use(tenant, cpu_millicores=4000, seconds=HOUR) for tenant in "ab"]
    lines = price(uses, make_prices(nodes=make_nodes()), hours=1)
    assert add(lines).quantize(Decimal("1e-15")) == Decimal(1)
    assert add(lines, tenant="a") == add(lines, tenant="b")


# --- The invariants of docs/finops.md#a-month -----------------------------------------------------------------------

AMOUNTS = st.integers(min_value=0, max_value=10**13)
SECONDS = st.integers(min_value=0, max_value=MONTH_HOURS * HOUR)
TENANTS = st.sampled_from(["a", "b", "c", "d"])
USES = st.one_of(
    st.builds(
        make_use,
        TENANTS,
        st.sampled_from(["compute", "run"]),
        st.sampled_from(["db", "httpd", "cron"]),
        cpu_millicores=st.integers(min_value=0, max_value=100_000),
        memory_bytes=AMOUNTS,
        seconds=SECONDS,
    ),
    st.builds(
        make_use,
        TENANTS,
        st.just("storage"),
        st.sampled_from(["db", "files", "backups"]),
        storage_bytes=AMOUNTS,
        seconds=SECONDS,
    ),
    st.builds(make_use, TENANTS, st.just("backup"), storage_bytes=AMOUNTS, seconds=SECONDS),
)
PRICES = st.builds(
    make_prices,
    nodes=st.one_of(st.none(), st.builds(make_nodes, count=st.integers(min_value=1, max_value=30))),
    share_idle=st.booleans(),
    shared=st.tuples(
        st.builds(
            make_shared,
            st.sampled_from(["0", "12.34", "999.99"]),
            split=st.sampled_from(["even", "cost", "key"]),
            key=st.just({"a": Decimal(3), "b": Decimal(0), "d": Decimal("0.5")}),
            is_among_active=st.booleans(),
        )
    ),
)


def _compute_bill(uses: list[Holding], prices: Prices) -> Decimal:
    """The bill by another way: what is bought, or what is reserved times its price; storage; what is shared."""
    fixed = sum((one.rate.amount for one in prices.shared), Decimal(0))
    stored = sum(use.storage_bytes * use.seconds for use in uses if use.resource == "storage")
    fixed += Decimal(stored) / GIBIBYTE / HOUR * prices.storage[""].amount
    kept = sum(use.storage_bytes * use.seconds for use in uses if use.resource == "backup")
    assert prices.backup and prices.cpu and prices.memory
    fixed += Decimal(kept) / GIBIBYTE / HOUR * prices.backup.amount / MONTH_HOURS
    if prices.nodes is not None:
        return fixed + sum((node.count * node.rate.amount for node in prices.nodes), Decimal(0)) * MONTH_HOURS
    cpu = Decimal(sum(use.cpu_millicores * use.seconds for use in uses)) / 1000 / HOUR
    memory = Decimal(sum(use.memory_bytes * use.seconds for use in uses)) / GIBIBYTE / HOUR
    return fixed + cpu * prices.cpu.amount + memory * prices.memory.amount


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(USES, max_size=12), PRICES)
def test_parishes_and_idle_and_overhead_are_the_bill_and_no_line_is_negative(
    uses: list[Holding], prices: Prices
) -> None:
    lines = price(uses, prices)
    assert abs(add(lines) - _compute_bill(uses, prices)) < Decimal("1e-9")
    assert all(line.amount >= 0 and line.quantity >= 0 for line in lines)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(USES, max_size=8), PRICES, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(uses: list[Holding], prices: Prices, chance: object) -> None:
    shuffled = list(uses)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    first = {(line.tenant, line.kind, line.component): line.amount for line in price(uses, prices)}
    second = {(line.tenant, line.kind, line.component): line.amount for line in price(shuffled, prices)}
    assert first.keys() == second.keys()
    assert all(abs(first[key] - second[key]) < Decimal("1e-15") for key in first)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(USES, min_size=1, max_size=8), PRICES)
def test_a_new_parish_never_makes_another_pay_more(uses: list[Holding], prices: Prices) -> None:
    newcomer = [
        make_use("new", cpu_millicores=500, memory_bytes=GIBIBYTE),
        make_use("new", "storage", storage_bytes=GIBIBYTE),
    ]
    before, after = price(uses, prices), price([*uses, *newcomer], prices)
    for tenant in {use.tenant for use in uses}:
        assert add(after, tenant=tenant) <= add(before, tenant=tenant) + Decimal("1e-15")


def _price_from(begin: int, *, share_idle: bool) -> list[tuple[str, str, str, Decimal]]:
    """Price a server of the third to the seventh of ten hours, the first of which begins at `begin`."""
    held = {"start": begin + 3 * HOUR, "end": begin + 7 * HOUR, "seconds": 4 * HOUR}
    use = make_use("a", cpu_millicores=1000, memory_bytes=GIBIBYTE, **held)
    prices = make_prices(nodes=make_nodes(), share_idle=share_idle)
    lines = compute_lines([use], prices, start=begin, end=begin + 10 * HOUR, month_hours=MONTH_HOURS)
    return [(line.tenant, line.kind, line.component, line.amount) for line in lines]


@pytest.mark.parametrize("share_idle", [False, True])
def test_what_is_paid_does_not_hang_on_when_a_month_begins(share_idle: bool) -> None:
    lines = _price_from(0, share_idle=share_idle)
    assert _price_from(1_000 * HOUR, share_idle=share_idle) == lines
    assert abs(sum(line[3] for line in lines) - 10) < Decimal("1e-12"), "ten hours of a node"


def test_what_was_held_for_no_time_costs_nothing_and_needs_no_price() -> None:
    held = {"start": 3 * HOUR, "end": 3 * HOUR, "seconds": 0}
    prices = make_prices(nodes=make_nodes(), share_idle=True, storage={"": monthly("0.04")})
    uses = [
        make_use("a", cpu_millicores=1000, memory_bytes=GIBIBYTE, **held),
        make_use("a", "storage", "db", storage_bytes=GIBIBYTE, **held),
        make_use("a", "backup", "", storage_bytes=GIBIBYTE, **held),
    ]
    lines = price(uses, prices, hours=10)
    assert {line.kind for line in lines} == {CostKind.IDLE}
    fast = make_use("a", "storage", "db", storage_bytes=GIBIBYTE, storage_class="fast", **held)
    assert {line.kind for line in price([fast], make_prices(storage={}), hours=10)} <= {CostKind.IDLE}
