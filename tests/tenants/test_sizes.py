"""Sizes as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from tenants.sizes import format_exact_size, parse_size


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("512Mi", 512 * 1024**2),
        ("1 Gi", 1024**3),
        ("1,5 Gio", 3 * 1024**3 // 2),
        ("1.5 GiB", 3 * 1024**3 // 2),
        (" 2\u00a0Ti ", 2 * 1024**4),
        ("0,5 Ki", 512),
        ("1073741824", 1024**3),
        ("0", 0),
    ],
)
def test_a_size_has_a_number_and_a_unit(text: str, count: int) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize(
    "text", ["", "Gi", "-1 Gi", "1 GB", "1 G", "1 gi", "1e9", "1,5", "0,3 Ki", "1 Gi Mi", "١ Gi", "1.2.3 Mi", "9" * 40]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_size(text, field="volume")
    assert refused.value.params["field"] == "volume"


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_what_is_shown_is_read_back_the_same(count: int) -> None:
    assert parse_size(format_exact_size(count)) == count


def test_the_largest_whole_unit_is_shown() -> None:
    assert [format_exact_size(size) for size in (0, 1, 1024, 1536 * 1024**2, 2 * 1024**3)] == [
        "0",
        "1",
        "1 Ki",
        "1536 Mi",
        "2 Gi",
    ]
