"""Who takes part in a shared cost, and when: parishes whose data is kept, or whose servers run."""

from decimal import Decimal

import pytest

from finops.prices.presence import find_dated_resources, get_times, lay_out, list_presence, may_be_full
from finops.prices.rates import Prices
from tests.finops.cases import GIBIBYTE, make_nodes, make_prices, make_shared, make_use


def test_what_has_no_times_is_laid_out_one_size_after_the_other() -> None:
    holdings = [
        make_use(cpu_millicores=100, seconds=10),
        make_use(cpu_millicores=200, seconds=30),
        make_use(component="httpd", seconds=99),
        make_use(resource="storage", seconds=5),
        make_use(resource="run", component="cron", seconds=7),
        make_use(resource="run", component="backup", seconds=7, start=20, end=30),
        make_use(resource="backup", seconds=1),
    ]
    for given in (holdings, holdings[::-1], sorted(holdings, key=str)):
        laid_out = [(held.component, get_times(held)) for held in lay_out(given, start=10, end=40)]
        assert sorted(laid_out) == [
            ("backup", (20, 30)),
            ("cron", (10, 40)),
            ("db", (10, 15)),
            ("db", (10, 20)),
            ("db", (20, 40)),
            ("httpd", (10, 40)),
        ]


def test_a_parish_is_there_while_any_of_its_volumes_is_but_the_one_of_its_backups() -> None:
    dated = lay_out(
        [
            make_use("a", "storage", "db", start=0, end=10, seconds=10),
            make_use("a", "storage", "files", start=5, end=20, seconds=15, instance="second"),
            make_use("a", "storage", "backups", start=0, end=90, seconds=90),
            make_use("a", "compute", start=7, end=8, seconds=1),
            make_use("b", "storage", "backups", start=0, end=90, seconds=90),
        ],
        start=0,
        end=100,
    )
    assert list_presence(dated, is_among_active=False) == {"a": [(0, 20)]}
    assert list_presence(dated, is_among_active=True) == {"a": [(7, 8)]}


@pytest.mark.parametrize(
    ("prices", "wanted"),
    [
        (make_prices(), set()),
        (make_prices(shared=(make_shared("1"),)), {"storage"}),
        (make_prices(shared=(make_shared("1", split="key"),)), {"storage"}),
        (make_prices(shared=(make_shared("1", is_among_active=True),)), {"compute"}),
        (make_prices(shared=(make_shared("1", split="cost"),)), {"compute", "storage"}),
        (make_prices(nodes=make_nodes()), set()),
        (make_prices(nodes=make_nodes(), share_idle=True), {"compute", "run"}),
        (make_prices(nodes=make_nodes(cpus=1)), {"compute", "run"}),
    ],
)
def test_times_are_asked_for_only_where_they_matter(prices: Prices, wanted: set[str]) -> None:
    assert find_dated_resources(prices, [make_use(cpu_millicores=2000)]) == wanted


def test_nodes_may_be_full_when_all_that_was_held_does_not_fit_at_once() -> None:
    prices = make_prices(nodes=make_nodes(count=2, cpus=1, gibibytes=1))
    assert not may_be_full(prices, [make_use(cpu_millicores=2000, memory_bytes=2 * GIBIBYTE)])
    assert may_be_full(prices, [make_use(cpu_millicores=2000), make_use(resource="run", cpu_millicores=1)])
    assert may_be_full(prices, [make_use(memory_bytes=2 * GIBIBYTE + 1)])
    assert not may_be_full(prices, [make_use(resource="storage", memory_bytes=Decimal(3) * GIBIBYTE)])
