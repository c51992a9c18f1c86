"""Quantities are read as Kubernetes reads them, and written as it gives them back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quantities import format_bytes, format_millicores, parse_bytes, parse_millicores, parse_quantity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250m", "0.25"),
        ("1", "1"),
        (2, "2"),
        ("1.5Gi", str(3 * 2**29)),
        ("1e3", "1000"),
        ("12E6", "12000000"),
        ("1E", "1e18"),
        ("1Ei", str(2**60)),
        ("100n", "0.0000001"),
        ("3u", "0.000003"),
        ("2k", "2000"),
        (".5", "0.5"),
        ("1.", "1"),
        ("5e-1", "0.5"),
        ("0", "0"),
    ],
)
def test_a_quantity_is_a_number_of_its_unit(text: object, expected: str) -> None:
    assert parse_quantity(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 Gi", "1,5Gi", "1Zi", "-1", "+1", "1K", "1gi", "yes", "NaN", "1e", ".", None, True, 1.5, "1\n"]
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        parse_quantity(text)


def test_parts_of_a_millicore_and_of_a_byte_count_whole() -> None:
    assert parse_millicores("100u") == 1
    assert parse_millicores("1.0001") == 1001
    assert parse_bytes("1.5") == 2


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (format_bytes(384 * 2**20), "384Mi"),
        (format_bytes(1024 * 2**20), "1Gi"),
        (format_bytes(1000), "1000"),
        (format_bytes(0), "0"),
        (format_millicores(1000), "1"),
        (format_millicores(1100), "1100m"),
        (format_millicores(0), "0"),
    ],
)
def test_quantities_are_written_in_the_servers_own_form(written: str, expected: str) -> None:
    assert written == expected


@given(st.integers(0, 2**60))
def test_what_is_written_is_read_back(amount: int) -> None:
    assert parse_bytes(format_bytes(amount)) == amount
    assert parse_millicores(format_millicores(amount)) == amount
