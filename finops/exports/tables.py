"""A sheet as lines of a terminal, in the active language: numbers to the right, a rule above the total."""

from decimal import Decimal

from finops.exports.sheets import Cell, Column, ColumnKind, Sheet
from finops.wording.formats import format_bytes, format_money, format_number, format_percent

GAP = "  "


def format_table(sheet: Sheet) -> str:
    """Return the sheet as text: title, header, rows, total, notes."""
    header = tuple(str(column.label) for column in sheet.columns)
    rows = [format_row(sheet, row) for row in sheet.rows]
    total = [] if sheet.total is None else [format_row(sheet, sheet.total)]
    widths = [max(len(row[index]) for row in (header, *rows, *total)) for index in range(len(header))]
    rule = GAP.join("-" * width for width in widths)
    lines = [sheet.title, _align(sheet, header, widths), rule]
    lines += [_align(sheet, row, widths) for row in rows]
    if total:
        lines += [rule, _align(sheet, total[0], widths)]
    return "\n".join([*lines, *sheet.notes])


def format_row(sheet: Sheet, row: tuple[Cell, ...]) -> tuple[str, ...]:
    """Return a row's cells as people read them."""
    return tuple(
        format_cell(column, value, currency=sheet.currency) for column, value in zip(sheet.columns, row, strict=True)
    )


def format_cell(column: Column, value: Cell, *, currency: str) -> str:
    """Return one value in the active language; empty for the None of a text, a dash or «no data» elsewhere."""
    if column.kind is ColumnKind.TEXT or isinstance(value, str):
        return "" if value is None else str(value)
    if column.kind is ColumnKind.MONEY:
        return format_money(None if value is None else Decimal(value), currency)
    if column.kind is ColumnKind.SHARE:
        return format_percent(None if value is None else Decimal(value))
    return format_bytes(value) if column.kind is ColumnKind.BYTES else format_number(value)


def _align(sheet: Sheet, cells: tuple[str, ...], widths: list[int]) -> str:
    parts = [
        cell.ljust(width) if column.kind is ColumnKind.TEXT else cell.rjust(width)
        for column, cell, width in zip(sheet.columns, cells, widths, strict=True)
    ]
    return GAP.join(parts).rstrip()
