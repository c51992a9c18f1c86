"""Rows as statements that hold each value exactly: a FLOAT with all its digits, bytes that are no letters as bytes."""

from programs.databases.client import quote_name
from programs.databases.columns import NUMBER_TYPES, Column

_ESCAPES = {0: b"\\0", 10: b"\\n", 13: b"\\r", 26: b"\\Z", 34: b'\\"', 39: b"\\'", 92: b"\\\\"}
_TABLE = [_ESCAPES.get(byte, bytes([byte])) for byte in range(256)]


def make_row_query(database: str, table: str, columns: list[Column]) -> str:
    """The statement that tells all rows of a table, each value as hexadecimal digits, NULL as a hyphen."""
    parts = []
    for column in columns:
        name = quote_name(column.name)
        if column.type == "float":
            name = f"CONCAT({name} * 1e0)"
        elif not column.is_raw and not column.is_uncertain:
            name = f"CONVERT({name} USING utf8mb4)"
        elif column.is_uncertain:
            name = f"CAST({name} AS BINARY)"
        parts.append(f"IFNULL(HEX({name}), '-')")
    return f"SELECT {', '.join(parts)} FROM {quote_name(database)}.{quote_name(table)};"


def format_row(line: bytes, columns: list[Column]) -> bytes:
    """One line of the answer as the inside of a VALUES list."""
    cells = line.split(b"\t")
    return b",".join(format_cell(cell, column) for cell, column in zip(cells, columns, strict=True))


def format_cell(cell: bytes, column: Column) -> bytes:
    """One value as a literal that every SQL mode of a dump reads alike."""
    if cell == b"-":
        return b"NULL"
    if column.is_raw or column.is_uncertain:
        digits = b"0" + cell if len(cell) % 2 else cell
        return b"0x" + digits if digits else b"''"
    value = bytes.fromhex(cell.decode("ascii"))
    if column.type in NUMBER_TYPES:
        return value
    return b"'" + b"".join(map(_TABLE.__getitem__, value)) + b"'"
