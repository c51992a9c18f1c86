"""A year of 300 parishes with random lives: every view of every month adds up to the bill, which is what was bought."""

import os
import secrets
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from finops.calendar import Month, compute_day_start
from finops.models import Interval, PriceLine
from finops.months.costs import MonthCosts, compute_month_costs
from finops.price_models import LineKind, Period, PriceMode, Split
from tests.finops.cases import GIBIBYTE, make_sheet
from tests.finops.lives import make_lives

PARISHES = 300
FIRST, LAST = Month(2026, 1), Month(2026, 12)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
CHANGE = date(2026, 6, 17)
RANDOM_SEED = int(os.environ.get("RANDOM_SEED") or secrets.randbelow(10**6))
CENT = Decimal("0.01")
UNIT = GIBIBYTE * 3600


@pytest.fixture
def rows() -> list[Interval]:
    """The year in the ledger: a rate card until June, then nodes; shared costs of every split."""
    sys.stdout.write(f"RANDOM_SEED={RANDOM_SEED}\n")
    card = make_sheet(valid_from=date(2025, 1, 1), valid_to=CHANGE)
    nodes = make_sheet(valid_from=CHANGE, name="nodes", mode=PriceMode.NODES)
    for sheet in (card, nodes):
        for split, among in ((Split.EVEN, "provisioned"), (Split.COST, "active"), (Split.KEY, "provisioned")):
            PriceLine.objects.create(
                sheet=sheet,
                kind=LineKind.SHARED,
                name=split,
                amount=Decimal("99.99"),
                period=Period.MONTH,
                split=split,
                among=among,
                key={f"parish-{number:05}": number % 3 for number in range(PARISHES)},
            )
    sizes = {"cpu_millicores": 16_000, "memory_bytes": 64 * GIBIBYTE, "quantity": 25}
    PriceLine.objects.create(sheet=nodes, kind=LineKind.NODE, name="n", amount=Decimal("0.4"), period="hour", **sizes)
    found = make_lives(PARISHES, first=FIRST, last=LAST, seed=RANDOM_SEED, tally_every_days=30)
    Interval.objects.bulk_create(found, batch_size=2000)
    return found


def compute_bill(rows: list[Interval], month: Month) -> Fraction:
    """The bill by another way, in whole numbers and exact fractions: what was held, and what was bought."""
    change = compute_day_start(CHANGE)
    bill = 3 * Fraction("99.99")
    first, last = (month.start, min(month.end, change)), (max(month.start, change), month.end)
    cpu = memory = stored = kept = 0
    for (start, end), has_nodes in ((first, False), (last, True)):
        if start >= end:
            continue
        if has_nodes:
            bill += Fraction(end - start, 3600) * 25 * Fraction("0.4")
        for row in rows:
            if row.held_seconds is not None:
                seconds = row.held_seconds if start <= row.start < end else 0
            else:
                seconds = max(0, min(end, row.end or end) - max(start, row.start))
            cpu += 0 if has_nodes else row.cpu_millicores * seconds
            memory += 0 if has_nodes else row.memory_bytes * seconds
            stored += row.storage_bytes * seconds if row.resource == "storage" else 0
            kept += row.storage_bytes * seconds if row.resource == "backup" else 0
    bill += Fraction(cpu, 1000 * 3600) * Fraction("0.031611") + Fraction(memory, UNIT) * Fraction("0.004237")
    return bill + (Fraction(stored, UNIT) * Fraction("0.04") + Fraction(kept, UNIT) * Fraction("0.02")) / month.hours


def assert_views_agree(costs: MonthCosts) -> None:
    bill = costs.bill
    assert sum(costs.parishes.values(), costs.idle + costs.overhead) == bill
    for view in ("kind", "component", "instance", "storage_class", "price_sheet", "unit"):
        assert sum(costs.sum_by(lambda line, view=view: str(getattr(line, view))).values()) == bill, view  # type: ignore[misc]
    assert all(line.amount >= 0 and line.exact >= 0 and line.quantity >= 0 for line in costs.lines)
    lines = costs.group_by_tenant()
    for tenant, amount in costs.parishes.items():
        assert sum(line.amount for line in lines[tenant]) == amount
        assert abs(amount - sum(line.exact for line in lines[tenant])) < CENT, tenant


@pytest.mark.django_db
def test_every_view_of_every_month_is_the_bill_and_the_year_their_sum(rows: list[Interval]) -> None:
    year = Decimal(0)
    month = FIRST
    while month <= LAST:
        costs = compute_month_costs(month, now=LATER)
        assert_views_agree(costs)
        assert costs.overhead == 0
        expected = compute_bill(rows, month)
        assert abs(Fraction(costs.bill) - expected) <= Fraction(1, 200) + Fraction(1, 10**9), month
        year += costs.bill
        month = month.next()
    assert year > 12 * 3 * 99
