"""Time passes: no figure of a month ever falls, none is above what it will be, and its parts add up to it."""

import os
import random
import secrets
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from finops.calendar import Month, compute_day_start
from finops.ledger.holdings import list_dated_holdings, list_holdings
from finops.models import Interval, PriceLine, PriceSheet
from finops.months.costs import MonthCosts, compute_month_costs, make_month_costs
from finops.months.forecast import compute_forecast
from finops.price_models import LineKind, Period, PriceMode, Split
from finops.prices.presence import find_dated_resources
from finops.prices.pricing import compute_lines
from finops.prices.rates import list_segments
from tests.finops.cases import GIBIBYTE, hold, make_sheet
from tests.finops.lives import make_lives

pytestmark = pytest.mark.django_db
RANDOM_SEED = int(os.environ.get("RANDOM_SEED") or secrets.randbelow(10**6))
MARCH = Month(2026, 3)
CHANGE = date(2026, 3, 17)
NOISE = Decimal("1e-12")
PARISHES = 25
TIMELESS = ("shared", "storage", "backup", "overhead")


def add_shared(sheet: PriceSheet, name: str, amount: str = "99.99", **values: object) -> None:
    PriceLine.objects.create(
        sheet=sheet, kind=LineKind.SHARED, name=name, amount=Decimal(amount), period=Period.MONTH, **values
    )


def fill(seed: int, *, nodes: int, share_idle: bool, engine: str) -> None:
    """Write random lives, priced by a card until the 17th and by so many nodes afterwards."""
    card = make_sheet(engine, valid_to=CHANGE)
    later = make_sheet(engine, valid_from=CHANGE, name="nodes", mode=PriceMode.NODES, share_idle=share_idle)
    key = {f"parish-{number:05}": number % 3 for number in range(PARISHES)}
    for sheet in (card, later):
        add_shared(sheet, "even", split=Split.EVEN)
        add_shared(sheet, "active", split=Split.COST, among="active")
        add_shared(sheet, "key", split=Split.KEY, key=key)
    sizes = {"cpu_millicores": 8000, "memory_bytes": 32 * GIBIBYTE, "quantity": nodes}
    PriceLine.objects.create(sheet=later, kind=LineKind.NODE, name="n", amount=Decimal("0.4"), period="hour", **sizes)
    lives = make_lives(PARISHES, first=MARCH, last=MARCH, seed=seed)
    Interval.objects.bulk_create(lives, batch_size=2000)


def look(costs: MonthCosts) -> dict[str, Decimal]:
    return {**costs.parishes, "": costs.bill, "idle": costs.idle, "overhead": costs.overhead}


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, tz=UTC)


# Four nodes are too few at times, twelve never; prices for every engine, and for one.
SHAPES = [(4, False, ""), (4, True, "fake"), (12, False, "fake"), (12, True, "")]


@pytest.mark.parametrize(("nodes", "share_idle", "engine"), SHAPES)
def test_nothing_falls_and_nothing_is_above_its_forecast(nodes: int, share_idle: bool, engine: str) -> None:
    fill(RANDOM_SEED, nodes=nodes, share_idle=share_idle, engine=engine)
    chance = random.Random(RANDOM_SEED)
    moments = sorted(chance.randrange(MARCH.start, MARCH.end) for _ in range(12))
    changes = [second for times in Interval.objects.values_list("start", "end") for second in times if second]
    inside = [second for second in changes if MARCH.start < second < MARCH.end]
    moments = sorted({*moments, *chance.sample(inside, 6), MARCH.end - 1, MARCH.end})
    views = [look(compute_month_costs(MARCH, now=at(second))) for second in moments]
    for before, after in pairwise(views):
        assert {name: amount for name, amount in before.items() if amount > after[name]} == {}, RANDOM_SEED
    for second, so_far in zip(moments, views, strict=True):
        forecast = look(compute_forecast(MARCH, now=at(second)))
        assert {name: amount for name, amount in so_far.items() if amount > forecast[name]} == {}, RANDOM_SEED
        assert sum(amount for name, amount in so_far.items() if name) == so_far[""]


def price_part(start: int, end: int) -> dict[tuple[str, ...], Decimal]:
    """Return what a part of the month costs, computed by itself."""
    amounts: defaultdict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for segment in list_segments(start, end):
        (prices,) = segment.prices.values()
        holdings = list_holdings(segment.start, segment.end)
        dated = list_dated_holdings(segment.start, segment.end, find_dated_resources(prices, holdings))
        times = {"start": segment.start, "end": segment.end, "month_hours": MARCH.hours}
        for line in compute_lines(holdings, prices, dated=dated, **times):
            amounts[line.tenant, line.instance, line.kind.value, line.component] += line.amount
    return amounts


@pytest.mark.parametrize(("nodes", "share_idle", "engine"), SHAPES)
def test_the_parts_of_any_partition_are_the_month(nodes: int, share_idle: bool, engine: str) -> None:
    fill(RANDOM_SEED, nodes=nodes, share_idle=share_idle, engine=engine)
    whole = make_month_costs(MARCH, until=MARCH.end)
    exact: defaultdict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for line in whole.lines:
        exact[line.tenant, line.instance, line.kind.value, line.component] += line.exact
    chance = random.Random(RANDOM_SEED)
    cuts = sorted(chance.randrange(MARCH.start + 1, MARCH.end) for _ in range(4))
    parts = [price_part(*times) for times in pairwise([MARCH.start, *cuts, MARCH.end])]
    # Runs of a tally are whole seconds, rounded down at a cut; what nodes cost the others depends on them.
    second = Decimal("0.001")
    for name in {*exact, *(name for part in parts for name in part)}:
        together = sum((part.get(name, Decimal(0)) for part in parts), Decimal(0))
        assert abs(together - exact[name]) < (NOISE if name[2] in TIMELESS else second), (RANDOM_SEED, name)
    total = sum((amount for part in parts for amount in part.values()), Decimal(0))
    assert abs(total - sum(line.exact for line in whole.lines)) < second


def test_a_parish_that_comes_on_the_last_day_pays_for_that_day_only() -> None:
    sheet = make_sheet("")
    add_shared(sheet, "control plane", "743", split=Split.EVEN)
    arrival = compute_day_start(date(2026, 3, 31))
    hold("first", "storage", "db", start=MARCH.start + 3600)
    hold("late", "storage", "db", start=arrival)
    for hours in (1, 2, 23):
        costs = compute_month_costs(MARCH, now=at(arrival + hours * 3600))
        assert costs.parishes["late"] == Decimal(hours) / 2
    month = compute_month_costs(MARCH, now=at(MARCH.end))
    assert (month.overhead, month.parishes) == (1, {"first": 743 - 1 - 12, "late": 12})


def test_prices_for_every_engine_count_the_whole_month_once_anything_is_held_at_them() -> None:
    first, second = make_sheet("", valid_to=CHANGE), make_sheet("", valid_from=CHANGE, name="new")
    for sheet in (first, second):
        add_shared(sheet, "control plane", "743", split=Split.EVEN)
    assert compute_month_costs(MARCH, now=at(MARCH.end)).bill == 0
    hold("late", "storage", "db", start=compute_day_start(date(2026, 3, 31)))
    month = compute_month_costs(MARCH, now=at(MARCH.end))
    assert (month.bill, month.overhead) == (743, 743 - 24)
