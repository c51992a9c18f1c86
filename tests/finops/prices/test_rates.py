"""From rows to prices: units, periods, validity."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finops.calendar import Month, compute_day_start
from finops.price_models import LineKind, Period, PriceLine, PriceMode, PriceSheet
from finops.prices.rates import NodePrice, Rate, Segment, list_segments, make_prices
from tests.finops.cases import GIBIBYTE, hourly, make_nodes, make_sheet, monthly
from tests.finops.cases import make_prices as make_values

MARCH = Month(2026, 3)


def test_a_monthly_price_is_divided_by_the_real_hours_or_by_the_sheet_s() -> None:
    rate = monthly("743")
    assert rate.compute_hour(month_hours=MARCH.hours, fixed=None) == 1
    assert rate.compute_hour(month_hours=MARCH.hours, fixed=Decimal("371.5")) == 2
    assert hourly("2").compute_hour(month_hours=1, fixed=Decimal(9)) == 2


def test_weights_keep_the_ratio_and_the_sum() -> None:
    # OpenCost's specification, appendix A, in our two resources: 35 a month split 30 to 10 by what a node holds.
    prices = make_values(
        nodes=make_nodes(price="40", cpus=1, gibibytes=1), cpu_weight=Decimal(30), memory_weight=Decimal(10)
    )
    rates = prices.compute_rates(hours=Decimal(1), month_hours=730)
    assert (rates.cpu_hour, rates.memory_hour) == (Decimal(30), Decimal(10))
    assert (rates.cpu_total, rates.memory_total) == (Decimal(30), Decimal(10))


def test_pools_of_several_prices_have_one_average_rate() -> None:
    nodes = (*make_nodes(price="1"), *make_nodes(price="3", count=3))
    rates = make_values(nodes=nodes).compute_rates(hours=Decimal(2), month_hours=730)
    assert rates.cpu_total is not None and rates.memory_total is not None and rates.cpu_hour is not None
    assert (rates.cpu_total + rates.memory_total).quantize(Decimal("1e-15")) == 20
    assert abs(rates.cpu_hour * 16 * 2 - rates.cpu_total) < Decimal("1e-15")


def test_no_nodes_cost_nothing_and_have_no_rate() -> None:
    rates = make_values(nodes=()).compute_rates(hours=Decimal(1), month_hours=730)
    assert (rates.cpu_hour, rates.cpu_total) == (None, 0)


def test_a_class_without_a_price_has_the_general_one() -> None:
    prices = make_values(storage={"": hourly("1"), "fast": hourly("2")})
    found = [prices.compute_storage_hour(name, month_hours=1) for name in ("", "fast", "slow")]
    assert found == [1, 2, 1]
    assert make_values(storage={"fast": hourly("2")}).compute_storage_hour("slow", month_hours=1) is None


@pytest.mark.django_db
def test_a_sheet_s_lines_become_prices() -> None:
    sheet = make_sheet(mode=PriceMode.NODES, share_idle=True, month_hours=Decimal(730))
    PriceLine.objects.create(
        sheet=sheet,
        kind=LineKind.NODE,
        name="b2-15",
        amount=Decimal("50"),
        period=Period.MONTH,
        quantity=Decimal(3),
        cpu_millicores=4000,
        memory_bytes=15 * GIBIBYTE,
    )
    key = {"saint-paul": 1.5}
    PriceLine.objects.create(
        sheet=sheet,
        kind=LineKind.SHARED,
        name="logs",
        amount=1,
        period=Period.HOUR,
        split="key",
        among="active",
        key=key,
    )
    prices = make_prices(sheet)
    rate = Rate(amount=Decimal(50), is_monthly=True)
    assert prices.nodes == (
        NodePrice(name="b2-15", rate=rate, count=Decimal(3), cpu_millicores=4000, memory_bytes=15 * GIBIBYTE),
    )
    assert prices.cpu == Rate(amount=Decimal("0.031611"))
    (shared,) = prices.shared
    assert (shared.split, shared.is_among_active, shared.key) == ("key", True, {"saint-paul": Decimal("1.5")})
    assert (prices.identifier, prices.share_idle, prices.byte_unit_name) == (sheet.pk, True, "GiB")
    assert make_prices(make_sheet("other", byte_unit="GB")).nodes is None


@pytest.mark.django_db
def test_a_month_in_which_prices_change_has_two_segments_without_a_gap() -> None:
    make_sheet(valid_to=date(2026, 3, 10))
    make_sheet(valid_from=date(2026, 3, 10), name="new")
    make_sheet("other", valid_from=date(2026, 4, 1))
    with CaptureQueriesContext(connection) as queries:
        first, second = list_segments(MARCH.start, MARCH.end)
    assert len(queries) == 2
    change = compute_day_start(date(2026, 3, 10))
    assert (first.start, first.end, second.start, second.end) == (MARCH.start, change, change, MARCH.end)
    assert [_name(one, "fake") for one in (first, second)] == ["fake", "new"]
    assert _name(first, "other") is None


def _name(segment: Segment, engine: str) -> str | None:
    prices = segment.find(engine)
    return None if prices is None else prices.name


@pytest.mark.django_db
def test_the_general_sheet_holds_where_an_engine_has_none_of_its_own() -> None:
    make_sheet("")
    make_sheet("fake", valid_from=date(2026, 3, 10), valid_to=date(2026, 3, 20))
    found = list_segments(MARCH.start, MARCH.end)
    assert [_name(one, "fake") for one in found] == ["all", "fake", "all"]
    assert {_name(one, "other") for one in found} == {"all"}


@pytest.mark.django_db
def test_segments_end_at_the_present() -> None:
    make_sheet()
    noon = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp())
    (only,) = list_segments(MARCH.start, noon)
    assert (only.start, only.end) == (MARCH.start, noon)
    PriceSheet.objects.all().delete()
    (empty,) = list_segments(MARCH.start, noon)
    assert empty.find("fake") is None
