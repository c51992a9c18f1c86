"""Months as documents: JSON values, money as texts that are exact."""

import json
from datetime import datetime
from decimal import Decimal

import pytest

from domain.states import InstanceState
from finops.calendar import PARIS, Month
from finops.months.documents import CostLineSerializer, MonthReportSerializer, TrendSerializer, make_report_document
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


def test_documents_are_json_with_money_as_text() -> None:
    report = make_month_report(NOVEMBER, MonthReader(now=NOW))
    document = MonthReportSerializer(report).data
    assert document["bill"] == str(report.costs.bill)
    assert document["counted_until"] == "2026-11-25T11:00:00+00:00"
    assert sum(Decimal(one["total"]) for one in document["parishes"]) == report.costs.bill
    lines = CostLineSerializer(report.costs.lines, many=True).data
    assert sum(Decimal(line["amount"]) for line in lines) == report.costs.bill
    assert all(isinstance(line["quantity"], str) and "E" not in line["exact"] for line in lines)
    assert json.loads(json.dumps(document)) == document


def test_only_the_present_month_has_a_forecast() -> None:
    present = make_report_document(NOVEMBER, now=NOW)
    assert Decimal(present["forecast"]["bill"]) > Decimal(present["bill"])
    assert make_report_document(OCTOBER, now=NOW)["forecast"] is None


def test_a_month_without_prices_is_null_and_not_0() -> None:
    trend = make_trend(NOVEMBER, MonthReader(now=NOW))
    shown = TrendSerializer({"months": trend}).data["months"]
    assert [month["month"] for month in shown][-2:] == ["2026-10", "2026-11"]
    assert Decimal(shown[-1]["total"]) == sum(map(Decimal, shown[-1]["groups"].values())) > 0
    assert all((month.total is None) == (told["total"] is None) for month, told in zip(trend, shown, strict=True))
