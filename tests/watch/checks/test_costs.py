"""Budgets, missing prices and waste reach the first page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from domain.findings import Level
from finops.calendar import Month, compute_month
from finops.models import Budget, BudgetAlert, PriceLine, PriceSheet
from tests.finops.cases import hold, make_sheet
from tests.people import read_page
from watch.checks.costs import list_cost_alerts
from watch.models import Sighting

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(Month(2026, 4).start, tz=UTC)


@pytest.fixture
def held() -> None:
    """One parish that holds 100 vCPU: 72 euros in April, 2.40 a day."""
    make_sheet().lines.filter(kind="cpu").update(amount=Decimal("0.001"))
    hold("saint-paul", cpu_millicores=100_000)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("amount", "days", "level"),
    [(20, 10, Level.CRITICAL), (60, 10, Level.WARNING), (75, 26, Level.WARNING), (1000, 10, None)],
)
def test_a_budget_is_told_by_how_far_it_is_used(amount: int, days: int, level: Level | None) -> None:
    Budget.objects.create(tenant="saint-paul", amount=Decimal(amount))
    alerts = list(list_cost_alerts(now=START + timedelta(days=days)))
    assert [alert.level for alert in alerts] == ([level] if level else [])


@pytest.mark.usefixtures("held")
def test_a_budget_beyond_its_end_is_on_the_first_page(admin_client: Client) -> None:
    # So dear that it is reached in the first second of a month, too.
    PriceLine.objects.update(amount=Decimal(1000))
    Budget.objects.create(tenant="", amount=Decimal("0.01"))
    assert "1 budget est épuisé" in read_page(admin_client, "/admin/")


@pytest.mark.usefixtures("held")
def test_costs_that_cannot_be_told_are_told_as_such() -> None:
    PriceSheet.objects.all().delete()
    budget = Budget.objects.create(tenant="", amount=Decimal(5))
    now = timezone.now()
    BudgetAlert.objects.create(
        budget=budget, month=str(compute_month(now)), threshold=100, basis="actual", cost=6, limit=5, raised_at=now
    )
    assert [alert.level for alert in list_cost_alerts(now=now)] == [Level.WARNING, Level.CRITICAL]


def test_waste_is_told_with_what_it_costs() -> None:
    document = {"count": 2, "cost": "12.50", "currency": "EUR"}
    Sighting.objects.create(engine="", at=timezone.now(), document=document)
    (alert,) = list_cost_alerts(now=timezone.now())
    assert alert.count == 2 and "12" in alert.examples[0].name
