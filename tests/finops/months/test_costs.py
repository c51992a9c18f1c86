"""A month's costs from the ledger: real hours, two sheets, views that all add up."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.errors import CiviparoisseError
from finops.calendar import Month, compute_day_start, compute_second
from finops.models import Interval
from finops.months.costs import MonthCosts, compute_month_costs, make_month_costs, refuse_different
from finops.price_models import LineKind, Period, PriceLine, PriceMode
from finops.prices.pricing import CostKind
from tests.finops.cases import GIBIBYTE, hold, make_prices, make_sheet

pytestmark = pytest.mark.django_db
MARCH, OCTOBER = Month(2026, 3), Month(2026, 10)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def cost(month: Month, now: datetime = LATER) -> MonthCosts:
    found = compute_month_costs(month, now=now)
    assert_views_agree(found)
    return found


def assert_views_agree(costs: MonthCosts) -> None:
    views = [
        sum(costs.parishes.values(), costs.idle + costs.overhead),
        sum(costs.sum_by(lambda line: line.kind).values()),
        sum(costs.sum_by(lambda line: line.component).values()),
        sum(costs.sum_by(lambda line: line.instance).values()),
        sum(line.amount for tenant in {line.tenant for line in costs.lines} for line in costs.select(tenant)),
    ]
    assert set(views) == {costs.bill}
    assert all(line.amount >= 0 for line in costs.lines)
    assert all(abs(line.amount - line.exact) < Decimal("0.01") for line in costs.lines)


@pytest.mark.parametrize(("month", "hours"), [(MARCH, 743), (OCTOBER, 745), (Month(2026, 4), 720)])
def test_real_hours_of_the_month_are_charged(month: Month, hours: int) -> None:
    make_sheet()
    hold("saint-paul", cpu_millicores=1000)
    found = cost(month)
    assert found.hours == hours
    assert found.bill == (Decimal("0.031611") * hours).quantize(Decimal("0.01"))
    (line,) = found.lines
    assert (line.quantity, line.unit, line.kind) == (hours, "vCPU-h", CostKind.CPU)


def test_a_monthly_price_is_paid_once_whatever_the_hours() -> None:
    make_sheet()
    hold("saint-paul", "storage", storage_bytes=100 * GIBIBYTE)
    assert {cost(month).bill for month in (MARCH, OCTOBER, Month(2026, 2))} == {Decimal(4)}


def test_a_suspended_parish_pays_its_volumes_and_a_deleted_one_until_its_last_byte_is_gone() -> None:
    make_sheet()
    half = (MARCH.start + MARCH.end) // 2
    hold("suspended", "storage", storage_bytes=100 * GIBIBYTE)
    hold("suspended", cpu_millicores=1000, end=half)
    hold("deleted", "backup", "set", storage_bytes=100 * GIBIBYTE, end=half)
    hold("gone", "backup", "set", storage_bytes=100 * GIBIBYTE, end=MARCH.start)
    found = cost(MARCH)
    assert found.parishes == {
        "deleted": Decimal("1.00"),
        "suspended": 4 + Decimal("0.031611") * 743 / 2 // Decimal("0.01") / 100,
    }


def test_prices_that_change_within_a_month_hold_each_for_its_days() -> None:
    first = make_sheet(valid_to=date(2026, 3, 29))
    second = make_sheet(valid_from=date(2026, 3, 29), name="new")
    PriceLine.objects.filter(sheet=second, kind=LineKind.CPU).update(amount=Decimal(1))
    hold("saint-paul", cpu_millicores=1000)
    found = cost(MARCH)
    assert {line.price_sheet: line.quantity for line in found.lines} == {first.pk: 28 * 24, second.pk: 71}
    assert found.bill == round(Decimal("0.031611") * 28 * 24 + 71, 2)


def test_a_month_that_has_not_ended_counts_up_to_the_present() -> None:
    make_sheet()
    hold("saint-paul", cpu_millicores=1000)
    noon = datetime.fromtimestamp(MARCH.start, tz=UTC) + timedelta(hours=100)
    found = cost(MARCH, noon)
    assert (found.lines[0].quantity, found.until) == (100, compute_second(noon))
    assert cost(Month(2026, 4), noon).lines == ()


def test_nodes_that_are_not_full_leave_idle_and_what_nobody_shares_is_overhead() -> None:
    sheet = make_sheet(mode=PriceMode.NODES)
    PriceLine.objects.create(
        sheet=sheet,
        kind=LineKind.NODE,
        amount=100,
        period=Period.MONTH,
        cpu_millicores=4000,
        memory_bytes=16 * GIBIBYTE,
    )
    PriceLine.objects.create(sheet=sheet, kind=LineKind.SHARED, name="logs", amount=10, period=Period.MONTH)
    assert cost(MARCH).bill == 110
    assert (cost(MARCH).idle, cost(MARCH).overhead) == (100, 10)
    hold("saint-paul", cpu_millicores=4000, memory_bytes=4 * GIBIBYTE)
    hold("saint-paul", "storage")
    found = cost(MARCH)
    assert (found.bill, found.overhead) == (110, 0)
    # Three quarters of the memory's 16/52 of the price.
    assert found.idle == round(Decimal(100) * 16 / 52 * 12 / 16, 2)


def test_engines_have_their_own_prices_and_one_bill() -> None:
    make_sheet()
    make_sheet("")
    hold("saint-paul", cpu_millicores=1000)
    hold("sainte-marie", cpu_millicores=1000, engine="cluster")
    found = cost(MARCH)
    assert len({line.price_sheet for line in found.lines}) == 2
    # Alike to a cent: the whole is an odd number of cents.
    assert found.parishes == {"saint-paul": Decimal("23.49"), "sainte-marie": Decimal("23.48")}
    assert found.bill == Decimal("46.97")


def test_what_has_no_price_is_refused_by_name() -> None:
    hold("saint-paul", cpu_millicores=1000)
    with pytest.raises(CiviparoisseError) as caught:
        cost(MARCH)
    assert (caught.value.code, caught.value.params) == ("price_missing", {"engine": "fake", "day": "2026-03-01"})
    sheet = make_sheet()
    sheet.lines.filter(kind=LineKind.CPU).delete()
    with pytest.raises(CiviparoisseError) as caught:
        cost(MARCH)
    assert caught.value.code == "price_incomplete"


def test_two_currencies_or_vat_rules_are_never_added_up() -> None:
    make_sheet()
    make_sheet("other", currency="CHF")
    hold("saint-paul", cpu_millicores=1)
    with pytest.raises(CiviparoisseError) as caught:
        cost(MARCH)
    assert caught.value.code == "price_sheets_differ"
    refuse_different([make_prices(), make_prices(vat_included=False)])
    with pytest.raises(CiviparoisseError):
        refuse_different([make_prices(), make_prices(vat_included=True)])


def test_a_month_without_anything_costs_nothing() -> None:
    found = cost(MARCH)
    assert (found.bill, found.lines, found.currency) == (0, (), "")


def test_the_number_of_queries_does_not_grow_with_the_parishes() -> None:
    make_sheet()
    counts = set()
    for number in range(0, 30, 10):
        for more in range(10):
            hold(f"parish-{number + more}", cpu_millicores=1)
        with CaptureQueriesContext(connection) as queries:
            cost(MARCH)
        counts.add(len(queries))
    assert len(counts) == 1
    assert counts.pop() <= 8


def test_a_tally_counts_in_the_month_of_its_day() -> None:
    make_sheet()
    day = compute_day_start(date(2026, 3, 31))
    hold("a", "run", "cron", cpu_millicores=1000, start=day, end=MARCH.end, held_seconds=36_000)
    assert cost(MARCH).lines[0].quantity == 10
    assert cost(Month(2026, 4)).lines == ()
    assert Interval.objects.get().held_seconds == 36_000


def test_uses_may_be_added_for_a_forecast() -> None:
    make_sheet()
    hold("saint-paul", cpu_millicores=1000)
    found = make_month_costs(MARCH, until=MARCH.end, is_forecast=True)
    assert found.is_forecast and found.bill == cost(MARCH).bill
