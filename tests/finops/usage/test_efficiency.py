"""Efficiency is a quotient of sums of money; what was not measured is on neither side."""

from decimal import Decimal

from finops.usage.efficiency import Efficiency, add_efficiencies, compute_efficiency
from finops.usage.measured import MeanUse
from tests.builders import MEBIBYTE, make_plan
from tests.finops.cases import hourly, make_prices


def make_use(millicores: int, mebibytes: int) -> MeanUse:
    return MeanUse(cpu_millicores=Decimal(millicores), memory_bytes=Decimal(mebibytes * MEBIBYTE), points=288)


def test_half_of_everything_used_is_a_half() -> None:
    found = compute_efficiency(make_plan(), {"db": make_use(125, 192)}, make_prices())
    assert found.share == Decimal("0.5")
    assert found.wasted == found.reserved / 2


def test_dear_resources_weigh_more() -> None:
    only_memory = make_prices(cpu=hourly("0"))
    found = compute_efficiency(make_plan(), {"db": make_use(0, 384)}, only_memory)
    assert found.share == 1


def test_no_measure_is_no_data_and_not_nought() -> None:
    assert compute_efficiency(make_plan(), {}, make_prices()).share is None
    assert compute_efficiency(make_plan(), {"unknown": make_use(1, 1)}, make_prices()).share is None
    assert compute_efficiency(make_plan(), {"db": make_use(0, 0)}, make_prices()).share == 0


def test_several_add_their_money_not_their_percentages() -> None:
    large, small = Efficiency(Decimal(9), Decimal(9)), Efficiency(Decimal(1), Decimal(0))
    assert add_efficiencies([large, small]).share == Decimal("0.9")
    assert Efficiency(Decimal(1), Decimal(3)).wasted == 0
