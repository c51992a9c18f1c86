"""Budgets: every threshold once a month, on the forecast first and on the actual cost when it comes to that."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from finops.calendar import Month
from finops.models import AlertBasis, Budget, BudgetAlert, PriceLine, PriceSheet
from finops.months.budgets import check_budgets, compute_budget_states
from finops.months.costs import compute_month_costs
from finops.months.forecast import compute_forecast
from tests.finops.cases import hold, make_sheet

pytestmark = pytest.mark.django_db
APRIL = Month(2026, 4)
START = datetime.fromtimestamp(APRIL.start, tz=UTC)
# One vCPU at one euro per thousand hours: 0.72 a month.
RATE = Decimal("0.001")


@pytest.fixture(autouse=True)
def held() -> None:
    """One parish that holds 100 vCPU: 72 euros in April, 2.40 a day."""
    sheet = make_sheet()
    sheet.lines.filter(kind="cpu").update(amount=RATE)
    hold("saint-paul", cpu_millicores=100_000)


def list_alerts() -> list[tuple[str, int, str]]:
    return [(str(one.budget.tenant), one.threshold, one.basis) for one in BudgetAlert.objects.order_by("pk")]


def test_thresholds_are_told_once_and_become_actual() -> None:
    Budget.objects.create(tenant="saint-paul", amount=Decimal(80))
    assert [alert.threshold for alert in check_budgets(now=START + timedelta(days=1))] == [50, 80]
    assert check_budgets(now=START + timedelta(days=2)) == []
    assert list_alerts() == [("saint-paul", 50, "forecast"), ("saint-paul", 80, "forecast")]
    assert check_budgets(now=START + timedelta(days=17)) == []
    assert list_alerts() == [("saint-paul", 50, "actual"), ("saint-paul", 80, "forecast")]
    first = BudgetAlert.objects.order_by("pk")[0]
    assert (first.cost, first.limit, first.month) == (Decimal("40.80"), 80, "2026-04")


def test_a_new_month_tells_again() -> None:
    Budget.objects.create(tenant="saint-paul", amount=Decimal(80))
    check_budgets(now=START + timedelta(days=1))
    assert len(check_budgets(now=START + timedelta(days=32))) == 2
    assert BudgetAlert.objects.values("month").distinct().count() == 2


def test_the_budget_of_all_is_on_the_whole_bill() -> None:
    hold("sainte-marie", cpu_millicores=100_000)
    everybody = Budget.objects.create(tenant="", amount=Decimal(144))
    one = Budget.objects.create(tenant="sainte-marie", amount=Decimal(1000))
    now = START + timedelta(days=15)
    actual, forecast = compute_month_costs(APRIL, now=now), compute_forecast(APRIL, now=now)
    whole, small = compute_budget_states([everybody, one], actual=actual, forecast=forecast)
    assert (whole.actual, whole.forecast, whole.percent, whole.forecast_percent) == (72, 144, 50, 100)
    assert whole.reached == ((50, AlertBasis.ACTUAL), (80, AlertBasis.FORECAST), (100, AlertBasis.FORECAST))
    assert (small.reached, small.percent) == ((), Decimal("3.6"))


def test_without_budgets_nothing_is_computed_and_one_has_one_budget() -> None:
    assert check_budgets(now=START) == []
    Budget.objects.create(tenant="", amount=1)
    with pytest.raises(IntegrityError):
        Budget.objects.create(tenant="", amount=2)


def test_costs_that_cannot_be_computed_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    Budget.objects.create(tenant="", amount=1)
    PriceSheet.objects.all().delete()
    assert check_budgets(now=START) == []
    assert check_budgets(now=START + timedelta(days=1)) == []
    assert "price_missing" in caplog.text


def test_a_parish_that_has_just_come_is_not_charged_for_the_month_before_it() -> None:
    sheet = PriceSheet.objects.get()
    PriceLine.objects.create(sheet=sheet, kind="shared", name="plane", amount=720, period="month", split="even")
    hold("saint-paul", "storage", "db")
    hold("late", "storage", "db", start=APRIL.end - 4 * 3600)
    Budget.objects.create(tenant="late", amount=Decimal(4))
    # Two euros for four hours: half of the budget, however much the month has cost before.
    assert [alert.threshold for alert in check_budgets(now=START + timedelta(days=29, hours=21))] == [50]
    assert list_alerts() == [("late", 50, "forecast")]
    assert check_budgets(now=START + timedelta(days=29, hours=23)) == []
    assert (BudgetAlert.objects.get().basis, BudgetAlert.objects.get().cost) == ("forecast", 2)
