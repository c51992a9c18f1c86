"""Every file of a month adds up to the same bill."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from finops.calendar import PARIS, Month
from finops.exports.month_files import FILES, list_charges, make_file, make_lines_sheet, make_sheet
from finops.months.reports import MonthReader, MonthReport, make_month_report
from tests.finops.cases import make_sheet as make_price_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
NOVEMBER = Month(2026, 11)


@pytest.fixture(autouse=True)
def report(db: None) -> MonthReport:  # noqa: ARG001 - the database must be there
    """Two parishes in November."""
    make_price_sheet(engine="")
    for slug in ("saint-paul", "sainte-marie"):
        make_recorded(slug, since=datetime(2026, 11, 3, tzinfo=PARIS))
    return make_month_report(NOVEMBER, MonthReader(now=NOW))


def read(form: str) -> str:
    content, _type, _name = make_file(NOVEMBER, form, now=NOW)
    assert isinstance(content, str)
    return content


def test_the_machine_s_csv_adds_up_to_the_bill(report: MonthReport) -> None:
    rows = list(csv.DictReader(io.StringIO(read("machine"))))
    assert sum(Decimal(row["total"]) for row in rows) == report.costs.bill
    for row in rows:
        parts = ("database", "web", "runs", "volumes", "backups", "shared", "idle")
        assert sum(Decimal(row[part]) for part in parts) == Decimal(row["total"])


def test_the_focus_file_adds_up_to_the_bill(report: MonthReport) -> None:
    rows = list(csv.DictReader(io.StringIO(read("focus"))))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == report.costs.bill
    assert {row["SubAccountId"] for row in rows} == {"saint-paul", "sainte-marie"}
    assert {row["ChargePeriodEnd"] for row in rows} == {"2026-11-25T11:00:00Z"}
    assert len(list_charges(report.costs)) == len(rows)


def test_the_workbook_has_the_parishes_and_every_line(report: MonthReport) -> None:
    content, _type, name = make_file(NOVEMBER, "xlsx", now=NOW)
    assert isinstance(content, bytes) and name == "civiparoisse-2026-11.xlsx"
    book = load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == 2
    assert book.worksheets[1].max_row == len(report.costs.lines) + 2


def test_what_no_parish_pays_is_a_row_of_its_own(report: MonthReport) -> None:
    sheet = make_sheet(report)
    assert sheet.total is not None and sheet.total[-3] == report.costs.bill
    lines = make_lines_sheet(report.costs)
    assert sum(row[-1] for row in lines.rows) == report.costs.bill  # type: ignore[misc]


@pytest.mark.parametrize("form", FILES)
def test_every_format_can_be_made(form: str) -> None:
    content, media_type, name = make_file(NOVEMBER, form, now=NOW)
    assert content and "/" in media_type and str(NOVEMBER) in name
