"""The figures of the page in words: tones, alerts and bars say what the figures say."""

from datetime import UTC, datetime
from decimal import Decimal

from django.utils.translation import override

from finops.calendar import Month
from finops.models import AlertBasis, Budget
from finops.months.budgets import BudgetState
from finops.months.costs import MonthCosts
from finops.months.groups import Group
from finops.months.reports import ParishCosts
from finops.pages.dashboard import (
    describe_rule,
    format_month,
    list_alerts,
    make_budget_bar,
    make_budget_rows,
    make_parts,
    make_status,
)

MARCH = Month(2026, 3)


def make_costs(*, until: int = MARCH.end, closed: bool = False) -> MonthCosts:
    closed_at = datetime(2026, 4, 2, tzinfo=UTC) if closed else None
    return MonthCosts(
        month=MARCH,
        until=until,
        lines=(),
        currency="EUR",
        vat_included=False,
        closed_at=closed_at,
    )


def make_state(
    actual: str, forecast: str, *, tenant: str = "", reached: tuple[tuple[int, AlertBasis], ...] = ()
) -> BudgetState:
    budget = Budget(tenant=tenant, amount=Decimal(100))
    return BudgetState(budget=budget, actual=Decimal(actual), forecast=Decimal(forecast), reached=reached)


def test_a_month_is_running_over_or_closed() -> None:
    now = datetime(2026, 3, 15, tzinfo=UTC)
    with override("en"):
        assert make_status(make_costs(closed=True), now=now)[0] == "closed, final"
        assert make_status(make_costs(), now=now)[0] == "over, not closed yet"
        assert make_status(make_costs(until=MARCH.start + 60), now=now)[0].startswith("up to")


def test_the_rule_says_the_month_s_real_hours() -> None:
    with override("en"):
        assert "743 h" in describe_rule(make_costs())


def test_a_bar_is_as_full_as_the_budget_and_coloured_by_what_is_coming() -> None:
    assert make_budget_bar(make_state("40", "60"), "EUR")["tone"] == "within"
    assert make_budget_bar(make_state("40", "85"), "EUR")["tone"] == "near"
    over = make_budget_bar(make_state("120", "150"), "EUR")
    assert (over["tone"], over["width"]) == ("over", "100.0")


def test_only_high_thresholds_are_told_the_highest_once() -> None:
    half = make_state("55", "60", reached=((50, AlertBasis.ACTUAL),))
    reached = ((50, AlertBasis.ACTUAL), (80, AlertBasis.ACTUAL), (100, AlertBasis.FORECAST))
    high = make_state("85", "101", tenant="saint-paul", reached=reached)
    with override("en"):
        (text,) = list_alerts([half, high], names={"saint-paul": "Paroisse Saint-Paul"})
    assert text == "The budget of Paroisse Saint-Paul will reach 100 % by the end of the month."


def test_the_budget_of_all_comes_first() -> None:
    rows = make_budget_rows([make_state("1", "1", tenant="b"), make_state("1", "1")], names={"b": "B"}, currency="EUR")
    assert [row["name"] for row in rows][1] == "B"


def test_parts_fill_a_parish_s_bar() -> None:
    groups = {Group.VOLUMES: Decimal(25), Group.DATABASE: Decimal(75)}
    parish = ParishCosts(tenant="a", name="A", groups=groups, total=Decimal(100), previous=None, budget=None)
    assert make_parts(parish) == [(0, "75.0"), (3, "25.0")], "in the chart's order and colours"


def test_months_are_worded() -> None:
    with override("fr"):
        assert format_month(MARCH) == "mars 2026"
