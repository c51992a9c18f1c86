"""A workbook is read back as spreadsheets read it."""

import io

from openpyxl import load_workbook

from finops.exports.workbooks import make_workbook
from tests.finops.exports.sheets import make_sheet


def test_a_workbook_holds_numbers_as_numbers_and_names_as_text() -> None:
    book = load_workbook(io.BytesIO(make_workbook([make_sheet(), make_sheet(title="x" * 40)])))
    assert book.sheetnames == ["Coûts  mars 2026", "x" * 31]
    tab = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in tab.iter_rows()]
    assert rows[0][:2] == ["Paroisse", "Total (EUR)"]
    assert (rows[1][1], tab["B2"].number_format) == (1234.56, "#,##0.00")
    assert (tab["A3"].value, tab["A3"].data_type) == ('=HYPERLINK("x")', "s")
    assert rows[2][3] is None, "no data is not 0"
    assert (rows[3][0], tab["A4"].font.bold) == ("Total", True)
    assert rows[4][0] == "Prix fictifs."
    assert tab.freeze_panes == "A2"
