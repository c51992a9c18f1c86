"""Every view of a month adds up to its bill."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from domain.errors import CiviparoisseError
from domain.states import InstanceState
from finops.calendar import PARIS, Month
from finops.models import Budget, ClosedLine, ClosedMonth, PriceSheet
from finops.months.groups import Group
from finops.months.reports import MonthReader, make_month_report, make_trend
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
NOVEMBER, OCTOBER = Month(2026, 11), Month(2026, 10)


@pytest.fixture(autouse=True)
def fleet(db: None) -> None:  # noqa: ARG001 - the database must be there
    """Two parishes since the middle of October, one of them suspended."""
    make_sheet(engine="")
    make_recorded("saint-paul", since=datetime(2026, 10, 15, tzinfo=PARIS))
    make_recorded("sainte-marie", since=datetime(2026, 11, 2, tzinfo=PARIS), state=InstanceState.SUSPENDED)


def test_parishes_and_parts_both_add_up_to_the_bill() -> None:
    report = make_month_report(NOVEMBER, MonthReader(now=NOW))
    costs = report.costs
    assert sum(one.total for one in report.parishes) + costs.idle + costs.overhead == costs.bill > 0
    assert sum(report.groups.values()) == costs.bill
    for parish in report.parishes:
        assert sum(parish.groups.values()) == parish.total
    assert [one.tenant for one in report.parishes] == ["saint-paul", "sainte-marie"], "the dearest first"
    assert report.parishes[1].groups.keys() == {Group.VOLUMES}, "suspended: nothing but its volumes"


def test_the_month_before_is_shown_where_there_is_one() -> None:
    report = make_month_report(NOVEMBER, MonthReader(now=NOW))
    before = make_month_report(OCTOBER, MonthReader(now=NOW))
    assert report.previous == before.costs.bill
    assert (report.parishes[0].previous, report.parishes[1].previous) == (before.parishes[0].total, 0)
    assert before.previous is None and before.parishes[0].previous is None


def test_budgets_stand_beside_costs_even_of_parishes_that_cost_nothing_yet() -> None:
    Budget.objects.create(tenant="", amount=Decimal(100))
    Budget.objects.create(tenant="saint-paul", amount=Decimal(30))
    report = make_month_report(NOVEMBER, MonthReader(now=NOW))
    assert report.budget == 100
    assert {one.tenant: one.budget for one in report.parishes} == {"saint-paul": 30, "sainte-marie": None}


def test_a_month_without_prices_is_refused_but_does_not_hide_the_others() -> None:
    PriceSheet.objects.update(valid_from=date(2026, 11, 1))
    with pytest.raises(CiviparoisseError) as refusal:
        make_month_report(OCTOBER, MonthReader(now=NOW))
    assert refusal.value.code == "price_missing"
    assert make_month_report(NOVEMBER, MonthReader(now=NOW)).previous is None
    trend = {str(one.month): one.total for one in make_trend(NOVEMBER, MonthReader(now=NOW))}
    assert trend["2026-10"] is None, "not 0: nobody knows"
    assert trend["2026-11"] == make_month_report(NOVEMBER, MonthReader(now=NOW)).costs.bill


def test_the_trend_has_twelve_months_each_with_its_own_bill() -> None:
    trend = make_trend(NOVEMBER, MonthReader(now=NOW))
    assert [str(one.month) for one in trend][0] == "2025-12" and len(trend) == 12
    assert trend[-1].total == make_month_report(NOVEMBER, MonthReader(now=NOW)).costs.bill
    assert trend[-2].total == make_month_report(OCTOBER, MonthReader(now=NOW)).costs.bill
    assert trend[0].total == 0
    own = make_trend(NOVEMBER, MonthReader(now=NOW), tenant="saint-paul")
    assert own[-1].total == make_month_report(NOVEMBER, MonthReader(now=NOW)).parishes[0].total


def test_a_closed_month_s_snapshot_is_read_and_not_computed() -> None:
    closed = ClosedMonth.objects.create(
        month="2026-10",
        hours=745,
        currency="EUR",
        vat_included=False,
        bill=Decimal("12.34"),
        closed_at=NOW,
        closed_by="jeanne",
    )
    sheet = PriceSheet.objects.get()
    for tenant, kind, component, amount in (("saint-paul", "cpu", "db", "10.00"), ("", "overhead", "ingress", "2.34")):
        ClosedLine.objects.create(
            month=closed, price_sheet=sheet, tenant=tenant, kind=kind, component=component, quantity=1, unit="h",
            exact=Decimal(amount), amount=Decimal(amount),
        )  # fmt: skip
    october = make_trend(NOVEMBER, MonthReader(now=NOW))[-2]
    assert october.is_closed
    assert october.groups == {Group.DATABASE: Decimal("10.00"), Group.SHARED: Decimal("2.34")}
    assert make_trend(NOVEMBER, MonthReader(now=NOW), tenant="saint-paul")[-2].total == Decimal("10.00")
    assert make_month_report(NOVEMBER, MonthReader(now=NOW)).previous == Decimal("12.34")
