"""The live example beside a price form, and what it says of the sample prices."""

from decimal import Decimal

import pytest

from finops.calendar import Month
from finops.ledger.reservation import compute_footprint
from finops.prices.examples import compute_example, make_sample_uses
from finops.prices.pricing import CostKind
from finops.prices.rates import make_prices as read_prices
from finops.prices.sample_prices import ensure_sample_prices
from tests.builders import make_plan
from tests.finops.cases import make_nodes, make_prices, make_shared

APRIL = Month(2026, 4)
FOOTPRINT = compute_footprint(make_plan())


def test_one_instance_costs_its_servers_cron_volumes_and_share() -> None:
    prices = make_prices(shared=(make_shared("95"),))
    found = compute_example(prices, FOOTPRINT, month=APRIL, parishes=10)
    assert found.by_kind[CostKind.SHARED] == Decimal("9.50")
    # 1350m always, 350m for 40 of 600 seconds.
    cpu = (Decimal(1350) + Decimal(350) / 15) / 1000 * 720 * Decimal("0.031611")
    assert abs(found.by_kind[CostKind.CPU] - cpu) < Decimal("0.01")
    assert sum(found.by_kind.values()) == found.total
    assert compute_example(prices, FOOTPRINT, month=APRIL).by_kind[CostKind.SHARED] == 95


def test_a_suspended_one_costs_its_volumes_and_share() -> None:
    prices = make_prices(shared=(make_shared("95"),))
    found = compute_example(prices, FOOTPRINT, month=APRIL, parishes=10, suspended=True)
    assert set(found.by_kind) == {CostKind.STORAGE, CostKind.SHARED}


def test_what_is_idle_is_not_an_instance_s_unless_it_is_shared() -> None:
    nodes = make_nodes(count=3)
    kept, shared = (
        compute_example(make_prices(nodes=nodes, share_idle=share), FOOTPRINT, month=APRIL) for share in (False, True)
    )
    assert CostKind.IDLE not in kept.by_kind
    storage = shared.by_kind[CostKind.STORAGE]
    assert shared.total - storage == 3 * 720, "alone on three nodes it pays them all"


@pytest.mark.django_db
def test_the_default_instance_at_the_sample_prices() -> None:
    prices = read_prices(ensure_sample_prices())
    found = compute_example(prices, FOOTPRINT, month=APRIL, parishes=100)
    assert found.by_kind == {
        CostKind.CPU: Decimal("29.66"),
        CostKind.MEMORY: Decimal("4.31"),
        CostKind.STORAGE: Decimal("0.23"),
        CostKind.SHARED: Decimal("0.95"),
    }
    assert (found.total, found.currency) == (Decimal("35.15"), "EUR")


def test_uses_are_what_the_footprint_holds() -> None:
    uses = make_sample_uses("sample", FOOTPRINT, seconds=600)
    assert sum(use.memory_bytes for use in uses if use.resource == "compute") == FOOTPRINT.at_rest.memory_bytes
    assert [use.seconds for use in uses if use.resource == "run"] == [40]
