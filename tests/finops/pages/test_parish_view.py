"""One parish by itself: its own lines, whose sum is its part of the bill."""

from datetime import datetime

import pytest
from django.utils.translation import override

from finops.calendar import PARIS, Month
from finops.months.reports import MonthReader, make_month_report
from finops.pages.parish_view import describe_parish
from finops.wording.formats import format_money
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
NOVEMBER = Month(2026, 11)


def test_its_lines_are_its_part_of_the_bill() -> None:
    make_sheet(engine="")
    for slug in ("saint-paul", "sainte-marie"):
        make_recorded(slug, since=datetime(2026, 11, 1, tzinfo=PARIS))
    found = describe_parish("saint-paul", NOVEMBER, now=NOW)
    report = make_month_report(NOVEMBER, MonthReader(now=NOW))
    total = next(one.total for one in report.parishes if one.tenant == "saint-paul")
    assert found["total"] == format_money(total)
    assert {line["instance"] for line in found["lines"]} == {"saint-paul"}
    assert found["has_costs"]
    assert [row["name"] for row in found["instances"]] == ["saint-paul"]


def test_a_parish_that_never_cost_anything_says_so() -> None:
    make_sheet(engine="")
    found = describe_parish("nobody", NOVEMBER, now=NOW)
    assert not found["has_costs"] and found["lines"] == [] and found["instances"] == []


def test_a_month_without_prices_shows_why() -> None:
    make_recorded(since=datetime(2026, 11, 1, tzinfo=PARIS))
    assert describe_parish("saint-paul", NOVEMBER, now=NOW)["error"].code == "price_missing"


def test_units_are_in_the_reader_s_language() -> None:
    make_sheet(engine="")
    make_recorded(since=datetime(2026, 11, 1, tzinfo=PARIS))
    with override("fr"):
        quantities = [line["quantity"] for line in describe_parish("saint-paul", NOVEMBER, now=NOW)["lines"]]
    assert any(quantity.endswith("Gio-h") for quantity in quantities)
    assert not any("GiB" in quantity or quantity.startswith("0\xa0") for quantity in quantities)


def test_its_instances_are_of_the_present() -> None:
    make_sheet(engine="")
    make_recorded(since=datetime(2026, 9, 1, tzinfo=PARIS))
    assert describe_parish("saint-paul", NOVEMBER.add(-1), now=NOW)["instances"] == []
