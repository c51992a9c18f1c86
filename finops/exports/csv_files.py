"""A sheet as CSV: for French Excel (`;`, decimal comma, UTF-8 with its mark, labels) or for machines (RFC 4180, dot,
names, no mark)."""

import csv
import io
from decimal import Decimal

from finops.exports.sheets import Cell, Column, ColumnKind, Sheet

# Without it Excel reads UTF-8 as Windows-1252: «€» becomes «â‚¬».
MARK = "\ufeff"
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection): a parish's name is text.
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def format_excel_csv(sheet: Sheet) -> str:
    """Return the sheet as French Excel opens it with a double click; its total is the last row."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_label(column, sheet.currency) for column in sheet.columns])
    rows = [*sheet.rows, *([] if sheet.total is None else [sheet.total])]
    kinds = [column.kind for column in sheet.columns]
    writer.writerows([_write_french(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in rows)
    return MARK + out.getvalue()


def format_machine_csv(sheet: Sheet) -> str:
    """Return the sheet for programs: names as header, no total (it would be counted twice)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in sheet.columns])
    writer.writerows([_write_plain(value) for value in row] for row in sheet.rows)
    return out.getvalue()


def _label(column: Column, currency: str) -> str:
    if column.kind is ColumnKind.MONEY:
        return f"{column.label} ({currency})"
    return f"{column.label} (%)" if column.kind is ColumnKind.SHARE else str(column.label)


def _write_french(kind: ColumnKind, value: Cell) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_BEGINNINGS) else value
    if kind is ColumnKind.SHARE and value is not None:
        value = round(Decimal(value) * 100, 2)
    return _write_plain(value).replace(".", ",")


def _write_plain(value: Cell) -> str:
    """Return a value without an exponent, which Excel would misread; empty for None: no data is not 0."""
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
