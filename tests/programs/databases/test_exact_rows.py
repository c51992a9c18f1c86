"""programs.databases.exact_rows: literals that hold a value exactly."""

import pytest

from programs.databases.columns import Column
from programs.databases.exact_rows import format_cell, format_row, make_row_query

TEXT, NUMBER, BLOB = Column("t", "text", "utf8mb4"), Column("n", "float", None), Column("b", "blob", None)
CYRILLIC = Column("c", "varchar", "cp1251")


@pytest.mark.parametrize(
    ("value", "column", "literal"),
    [
        (None, TEXT, b"NULL"),
        (b"", TEXT, b"''"),
        (b"-", TEXT, b"'-'"),
        ("it's \\ \n\0\x1a\"é".encode(), TEXT, b"'it\\'s \\\\ \\n\\0\\Z\\\"\xc3\xa9'"),
        (b"0.010516252390057362", NUMBER, b"0.010516252390057362"),
        (b"\x00\xff", BLOB, b"0x00FF"),
        (b"", BLOB, b"''"),
        (b"\x98", CYRILLIC, b"0x98"),
    ],
)
def test_a_value_is_one_literal(value: bytes | None, column: Column, literal: bytes) -> None:
    cell = b"-" if value is None else value.hex().upper().encode()
    assert format_cell(cell, column) == literal


def test_bits_have_whole_bytes() -> None:
    assert format_cell(b"5", Column("b", "bit", None)) == b"0x05"


def test_a_row_has_all_its_columns() -> None:
    assert format_row(b"41\t-\t00", [TEXT, NUMBER, BLOB]) == b"'A',NULL,0x00"
    with pytest.raises(ValueError):
        format_row(b"41", [TEXT, NUMBER])


def test_names_are_quoted() -> None:
    assert "`a``b`.`c`" in make_row_query("a`b", "c", [NUMBER])
