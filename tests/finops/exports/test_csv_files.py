"""CSV that French Excel opens right, and CSV that a program reads back."""

import csv
import io
from decimal import Decimal

from finops.exports.csv_files import format_excel_csv, format_machine_csv
from tests.finops.exports.sheets import make_sheet


def test_excel_gets_its_mark_semicolons_commas_and_labels() -> None:
    text = format_excel_csv(make_sheet())
    assert text.encode().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0] == ["Paroisse", "Total (EUR)", "CPU", "Efficacité (%)", "Sauvegardes"]
    assert rows[1] == ["Paroisse Saint-Paul d'Étupes", "1234,56", "1,7", "42,50", "1610612736"]
    assert rows[3][0] == "Total"
    assert all(line.endswith("\r\n") for line in text.splitlines(keepends=True))


def test_a_name_is_never_a_formula_and_no_number_has_an_exponent() -> None:
    row = list(csv.reader(io.StringIO(format_excel_csv(make_sheet())), delimiter=";"))[2]
    assert row == ['\'=HYPERLINK("x")', "0,00042", "0,0000000", "", ""]


def test_machines_get_names_dots_and_no_total() -> None:
    text = format_machine_csv(make_sheet())
    rows = list(csv.DictReader(io.StringIO(text)))
    assert not text.startswith("\ufeff")
    assert [row["tenant"] for row in rows] == ["Paroisse Saint-Paul d'Étupes", '=HYPERLINK("x")']
    assert Decimal(rows[0]["total"]) == Decimal("1234.56")
    assert rows[1]["efficiency"] == "", "no data is not 0"
