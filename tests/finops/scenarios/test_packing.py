"""Nodes are counted by what fits on each, not by totals."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.capacity import Need
from domain.reservations import Reservation
from finops.scenarios.packing import count_nodes, pack
from tests.builders import GIBIBYTE
from tests.finops.cases import hourly, make_nodes, make_prices
from tests.finops.scenarios.test_whatif import make_fleet, make_parish

NODE = Reservation(4000, 16 * GIBIBYTE)


def need(millicores: int, gibibytes: int) -> Need:
    return Need(lasting=Reservation(millicores, gibibytes * GIBIBYTE), servers=2)


def test_two_that_do_not_fit_together_take_two_nodes_whatever_the_totals_say() -> None:
    assert pack([need(1000, 9), need(1000, 9)], NODE) == 2
    assert pack([need(1000, 8), need(1000, 8)], NODE) == 1
    assert pack([], NODE) == 0


def test_what_is_larger_than_a_node_fits_on_none() -> None:
    assert pack([need(1000, 17)], NODE) is None


def test_pods_bind_when_nothing_else_does() -> None:
    assert pack([need(0, 0)] * 56, NODE) == 2, "110 pods a node, two an instance"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 16)), max_size=30))
def test_never_fewer_than_the_totals_ask_and_never_more_than_one_each(sizes: list[tuple[int, int]]) -> None:
    count = pack([need(*size) for size in sizes], NODE)
    assert count is not None
    assert count <= len(sizes)
    assert count * 4000 >= sum(cpu for cpu, _memory in sizes)
    assert count * 16 >= sum(memory for _cpu, memory in sizes)


def test_only_what_runs_needs_a_node_and_only_a_single_pool_can_be_counted() -> None:
    prices = make_prices(nodes=make_nodes(cpus=8, gibibytes=4), storage={"": hourly("0")}, backup=hourly("0"))
    fleet = make_fleet(*(f"parish-{number}" for number in range(6)), prices=prices)
    # 1508 Mi each and the crons that may run at once: two on a node of 4 Gi.
    assert count_nodes(fleet) == 3
    assert count_nodes(make_fleet()) is None, "nobody pays for nodes"
    both = make_prices(nodes=make_nodes() + make_nodes())
    assert count_nodes(make_fleet(prices=both)) is None
    stopped = type(fleet)(parishes=(make_parish(is_running=False),), prices=fleet.prices)
    assert count_nodes(stopped) == 0
