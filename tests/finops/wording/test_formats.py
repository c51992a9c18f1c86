"""Money and sizes as French people write them."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from finops.wording.formats import (
    format_bytes,
    format_cores,
    format_money,
    format_number,
    format_percent,
    format_quantity,
    format_signed_money,
)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.56", "1 234,56 €"),
        ("1234567.891", "1 234 567,89 €"),
        ("0", "0,00 €"),
        ("0.01", "0,01 €"),
        ("0.009", "0,0090 €"),
        ("0.0000423", "0,000042 €"),
        ("-12.5", "-12,50 €"),
    ],
)
def test_money_is_french_and_never_hides_a_cost(amount: str, text: str) -> None:
    with override("fr"):
        found = format_money(Decimal(amount))
    assert found.replace("\xa0", " ") == text
    assert " " not in found, "a figure and its unit stay on one line"


def test_other_currencies_and_no_amount() -> None:
    with override("fr"):
        assert format_money(Decimal(3), "CHF") == "3,00\xa0CHF"
        assert format_money(Decimal(3), "USD") == "3,00\xa0$"
        assert format_money(None) == "–"


def test_a_difference_has_its_sign() -> None:
    with override("fr"):
        found = [format_signed_money(value) for value in (Decimal("3.5"), Decimal("-3.5"), Decimal(0), None)]
    assert found == ["+3,50\xa0€", "−3,50\xa0€", "0,00\xa0€", "–"]


def test_cores_follow_the_plural_of_the_language() -> None:
    with override("en"):
        assert [format_cores(value) for value in (250, 1000, 1700, 2000)] == [
            "0.25\xa0cores",
            "1\xa0core",
            "1.7\xa0cores",
            "2\xa0cores",
        ]
    assert format_cores(None) == "–"


def test_numbers_lose_zeros_that_say_nothing() -> None:
    with override("fr"):
        found = [format_number(value) for value in (Decimal("10.00"), Decimal("1.50"), 1234, None)]
    assert found == ["10", "1,5", "1\xa0234", "–"]


def test_shares_and_bytes() -> None:
    with override("en"):
        assert format_percent(Decimal("0.425"), decimals=1) == "42.5\xa0%"
        assert format_percent(None) == "no data"
        assert format_percent(0) == "0\xa0%"
        assert format_bytes(1536 * 1024**2) == "1.5\xa0GB"
        assert format_bytes(None) == "–"


def test_a_quantity_that_is_small_is_not_nothing() -> None:
    with override("fr"):
        shown = [format_quantity(Decimal(value), "Gio-h") for value in ("12.5", "0.009", "0.000123", "0")]
    assert shown == [f"{digits}\xa0Gio-h" for digits in ("12,5", "0,009", "0,00012", "0")]
