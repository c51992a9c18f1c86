"""Every scenario changes one thing, and is priced by the formula that prices the real months."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.footprints import Footprint
from domain.reservations import Reservation
from domain.specs import Plan
from finops.calendar import Month
from finops.ledger.reservation import compute_footprint
from finops.prices.pricing import compute_lines
from finops.prices.rates import Prices
from finops.scenarios.whatif import (
    FPM_BASE_BYTES,
    Fleet,
    Outcome,
    Parish,
    Question,
    add_parishes,
    make_holdings,
    overcommit,
    price_fleet,
    share_mysql,
    suspend_at_night,
    use_init_containers,
    use_php_fpm,
    use_plan,
    use_prices,
)
from finops.usage.floors import PHP_MEMORY_LIMIT_BYTES
from tests.builders import GIBIBYTE, MEBIBYTE, make_plan, make_resources
from tests.finops.cases import hourly, make_nodes, make_prices, make_shared

MARCH = Month(2026, 3)
PLAN = make_plan()


def make_parish(name: str = "saint-paul", *, plan: Plan = PLAN, **changes: object) -> Parish:
    values: dict[str, object] = {
        "tenant": name,
        "instance": name,
        "engine": "fake",
        "plan": plan,
        "footprint": compute_footprint(plan),
        "run_seconds": {"cron": 36_000},
        "backup_bytes": 3 * GIBIBYTE,
    }
    return Parish(**{**values, **changes})  # type: ignore[arg-type]


def make_fleet(*names: str, prices: Prices | None = None) -> Fleet:
    parishes = tuple(make_parish(name) for name in names or ("saint-paul", "sainte-marie"))
    return Fleet(parishes=parishes, prices={"": prices or make_prices()})


def price(fleet: Fleet, **options: object) -> Outcome:
    return price_fleet(fleet, question=Question.NOW, start=MARCH.start, end=MARCH.end, **options)  # type: ignore[arg-type]


def test_the_base_is_what_the_ledger_s_formula_says() -> None:
    fleet = make_fleet()
    uses = [use for parish in fleet.parishes for use in make_holdings(parish, seconds=MARCH.end - MARCH.start)]
    lines = compute_lines(uses, make_prices(), start=MARCH.start, end=MARCH.end, month_hours=743)
    found = price(fleet)
    assert found.total == sum(line.amount for line in lines)
    assert found.total == sum(found.by_tenant.values()) + found.idle
    assert set(found.by_tenant) == {"saint-paul", "sainte-marie"}
    assert found.reserved == Reservation(2 * 1350, 2 * (384 + 1124) * MEBIBYTE)


def test_requests_at_half_of_the_limits_halve_the_servers_and_nothing_else() -> None:
    free_storage = make_prices(storage={"": hourly("0")}, backup=hourly("0"))
    fleet = make_fleet(prices=free_storage)
    assert price(overcommit(fleet, percent=50)).total == price(fleet).total / 2
    assert price(overcommit(make_fleet(), percent=50)).total > price(make_fleet()).total / 2, "volumes stay"


def test_init_containers_hold_what_they_need_for_life() -> None:
    before, after = price(make_fleet()), price(use_init_containers(make_fleet()))
    # The chart's database pod holds 768Mi/1000m for its initialisation, 384Mi and 750m more than the database needs.
    assert after.reserved == Reservation(2 * (1000 + 1100), 2 * (768 + 1124) * MEBIBYTE)
    assert after.total > before.total


def test_one_mysql_for_all_pays_when_there_are_many() -> None:
    few, many = make_fleet("a"), make_fleet(*(f"parish-{number}" for number in range(20)))
    assert price(share_mysql(few)).total > price(few).total, "one parish alone pays the whole server"
    shared = price(share_mysql(many))
    assert shared.total < price(many).total
    assert len(set(shared.by_tenant.values())) == 1, "split evenly"


def test_mysql_as_a_service_costs_its_price_whatever_runs() -> None:
    free = make_prices(cpu=hourly("0"), memory=hourly("0"), storage={"": hourly("0")}, backup=hourly("0"))
    found = price(share_mysql(make_fleet(prices=free), monthly_price=Decimal(60)))
    assert found.total.quantize(Decimal("1e-20")) == 60
    with_control_plane = make_prices(shared=(make_shared("30"),))
    both = share_mysql(make_fleet(prices=with_control_plane), monthly_price=Decimal(60))
    assert [one.name for one in both.prices[""].shared] == ["control plane", "mysql"]


def test_fpm_frees_the_memory_of_the_workers_that_are_not_there_any_more() -> None:
    fleet = use_php_fpm(make_fleet("a"), children=2)
    web = fleet.parishes[0].footprint.servers["httpd"]
    assert web.memory_bytes == 1124 * MEBIBYTE - (1024 * MEBIBYTE - FPM_BASE_BYTES - 2 * PHP_MEMORY_LIMIT_BYTES)
    assert price(fleet).total < price(make_fleet("a")).total
    more = use_php_fpm(make_fleet("a"), children=20)
    assert more.parishes[0].footprint == make_fleet("a").parishes[0].footprint, "never more than now"


def test_another_plan_for_all_or_for_one() -> None:
    small = replace(PLAN, containers={**PLAN.containers, "httpd": make_resources(512, 250)})
    fleet = make_fleet()
    one = use_plan(fleet, small, compute_footprint(small), instances=frozenset({"saint-paul"}))
    now, then, everyone = price(fleet), price(one), price(use_plan(fleet, small, compute_footprint(small)))
    assert then.by_tenant["saint-paul"] < now.by_tenant["saint-paul"]
    assert then.by_tenant["sainte-marie"] == now.by_tenant["sainte-marie"]
    assert everyone.total < then.total


def test_other_prices_change_nothing_else() -> None:
    dear = make_prices(cpu=hourly("0.063222"), memory=hourly("0.008474"))
    assert price(use_prices(make_fleet(), dear)).reserved == price(make_fleet()).reserved
    assert price(use_prices(make_fleet(), dear)).total > price(make_fleet()).total


def test_nights_off_save_servers_and_runs_but_not_volumes() -> None:
    only_servers = make_prices(storage={"": hourly("0")}, backup=hourly("0"))
    base = price(make_fleet(prices=only_servers)).total
    assert price(suspend_at_night(make_fleet(prices=only_servers), hours=Decimal(12))).total == base / 2
    only_volumes = make_prices(cpu=hourly("0"), memory=hourly("0"))
    volumes = price(make_fleet(prices=only_volumes)).total
    assert price(suspend_at_night(make_fleet(prices=only_volumes), hours=Decimal(12))).total == volumes


def test_new_parishes_pay_as_the_others_do() -> None:
    found = price(add_parishes(make_fleet("a"), make_parish(), count=3))
    assert set(found.by_tenant) == {"a", "new-1", "new-2", "new-3"}
    assert len(set(found.by_tenant.values())) == 1


@pytest.mark.parametrize("nodes", [1, 3])
def test_where_nodes_are_paid_the_bill_is_that_of_the_nodes_it_needs(nodes: int) -> None:
    fleet = make_fleet("a", prices=make_prices(nodes=make_nodes(), storage={"": hourly("0")}, backup=hourly("0")))
    found = price(fleet, count_nodes=lambda _fleet: nodes)
    assert found.total.quantize(Decimal("1e-20")) == 743 * nodes
    assert found.nodes == nodes
    assert found.idle > 0


def test_a_suspended_parish_holds_its_volumes_only() -> None:
    uses = make_holdings(make_parish(is_running=False), seconds=3600)
    assert {use.resource for use in uses} == {"storage", "backup"}


def test_without_prices_nothing_is_invented() -> None:
    fleet = Fleet(parishes=(make_parish(),), prices={"elsewhere": make_prices()})
    assert price(fleet).total == 0 and price(fleet).by_tenant == {}


def test_a_parish_without_a_web_server_keeps_what_it_has() -> None:
    bare = make_parish(footprint=Footprint(servers={"db": Reservation(250, 384 * MEBIBYTE)}))
    fleet = Fleet(parishes=(bare,), prices={"": make_prices()})
    assert use_php_fpm(fleet, children=1) == fleet
