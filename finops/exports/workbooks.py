"""Sheets as an XLSX workbook, written row by row: memory does not grow with the number of parishes."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from finops.exports.sheets import Cell, Column, ColumnKind, Sheet

BOLD = Font(bold=True)
# Excel's own codes, which each language shows in its way: «1 234,56» in French.
FORMATS = {
    ColumnKind.MONEY: "#,##0.00",
    ColumnKind.NUMBER: "#,##0.###",
    ColumnKind.SHARE: "0.0%",
    ColumnKind.BYTES: "#,##0",
}
WIDEST, NARROWEST = 48, 10
FORBIDDEN_IN_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
TITLE_LENGTH = 31  # Excel's limit


def make_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the workbook's bytes, a tab for each sheet; the header stays in view, the total is bold."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _add_tab(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_tab(book: Any, sheet: Sheet) -> None:
    tab = book.create_sheet(sheet.title.translate(FORBIDDEN_IN_TITLE)[:TITLE_LENGTH].strip())
    labels = [_make_label(column, sheet.currency) for column in sheet.columns]
    for index, label in enumerate(labels):
        longest = max([len(label), *(len(str(row[index])) for row in sheet.rows[:200])])
        width = min(max(longest + 2, NARROWEST), WIDEST)
        tab.column_dimensions[get_column_letter(index + 1)].width = width
    tab.freeze_panes = "A2"
    tab.append([_make_cell(tab, label, bold=True) for label in labels])
    for row in sheet.rows:
        tab.append(_make_cells(tab, sheet.columns, row))
    if sheet.total is not None:
        tab.append(_make_cells(tab, sheet.columns, sheet.total, bold=True))
    for note in sheet.notes:
        tab.append([_make_cell(tab, note)])


def _make_label(column: Column, currency: str) -> str:
    return f"{column.label} ({currency})" if column.kind is ColumnKind.MONEY else str(column.label)


def _make_cells(tab: Any, columns: Sequence[Column], row: tuple[Cell, ...], *, bold: bool = False) -> list[Any]:
    return [_make_cell(tab, value, column.kind, bold=bold) for column, value in zip(columns, row, strict=True)]


def _make_cell(tab: Any, value: Cell, kind: ColumnKind = ColumnKind.TEXT, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(tab, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with = is text, not a formula
    elif kind in FORMATS:
        cell.number_format = FORMATS[kind]
    if bold:
        cell.font = BOLD
    return cell
