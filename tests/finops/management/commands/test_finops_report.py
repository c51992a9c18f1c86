"""The report on the command line, in every format."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from finops.calendar import compute_month
from tests.backups.commands import run_command, run_json
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fleet(db: None) -> None:  # noqa: ARG001 - the database must be there
    """A parish since the month's beginning at the latest."""
    make_sheet(engine="")
    month = compute_month(timezone.now())
    make_recorded(since=datetime.fromtimestamp(month.add(-1).start, tz=UTC))


def test_the_document_adds_up_and_foresees_the_month_s_end() -> None:
    code, document = run_json("finops_report")
    assert code == 0 and document["month"] == str(compute_month(timezone.now()))
    assert sum(Decimal(one["total"]) for one in document["parishes"]) == Decimal(document["bill"])
    assert Decimal(document["forecast"]["bill"]) >= Decimal(document["bill"])
    assert run_command("finops_report", "--format", "json")[1].startswith("{")


def test_an_earlier_month_has_no_forecast() -> None:
    _code, document = run_json("finops_report", "--month", str(compute_month(timezone.now()).add(-1)))
    assert document["forecast"] is None and Decimal(document["bill"]) > 0


def test_a_table_is_for_people_and_csv_for_excel_or_for_machines() -> None:
    code, table = run_command("finops_report")
    assert code == 0 and "€" in table and "Saint-Paul" in table
    assert run_command("finops_report", "--format", "csv")[1].startswith("\ufeff")
    _code, machine = run_command("finops_report", "--format", "csv", "--machine")
    assert [row["tenant"] for row in csv.DictReader(io.StringIO(machine))] == ["saint-paul"]
    assert run_command("finops_report", "--format", "focus")[1].startswith("AllocatedMethodDetails,")


def test_a_workbook_needs_a_place(tmp_path: Path) -> None:
    assert run_command("finops_report", "--format", "xlsx")[0] == 1
    code, text = run_command("finops_report", "--format", "xlsx", "--output", str(tmp_path / "costs.xlsx"))
    assert code == 0 and str(tmp_path) in text
    assert load_workbook(tmp_path / "costs.xlsx").worksheets[0]["B2"].value.endswith("Étupes")
    code, text = run_command("finops_report", "--format", "xlsx", "--output", str(tmp_path / "no" / "costs.xlsx"))
    assert code == 1 and "costs.xlsx" in text


def test_what_is_no_month_is_refused() -> None:
    code, document = run_json("finops_report", "--month", "2026-13")
    assert code == 1 and document["error"]["code"] == "invalid_value"
