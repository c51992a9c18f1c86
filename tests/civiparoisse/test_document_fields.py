"""Fields of documents: times keep their zone, amounts are exact, secrets are only said to be there."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from civiparoisse.document_fields import AmountByNameField, AmountField, Document, IsSetField, TimeField

AT = datetime(2026, 11, 21, 8, 0, 0, 250, tzinfo=UTC)


def test_a_time_is_told_in_its_own_zone() -> None:
    assert TimeField().to_representation(AT) == "2026-11-21T08:00:00.000250+00:00"
    assert TimeField(timespec="seconds").to_representation(AT) == "2026-11-21T08:00:00+00:00"


@pytest.mark.parametrize(
    ("amount", "text"), [(Decimal("1E-7"), "0.0000001"), (Decimal("12.50"), "12.50"), (Decimal("1E+3"), "1000")]
)
def test_an_amount_has_no_exponent(amount: Decimal, text: str) -> None:
    assert AmountField().to_representation(amount) == text
    assert AmountByNameField().to_representation({"a": amount}) == {"a": text}


@pytest.mark.parametrize(("value", "told"), [("", False), (None, False), ("no", True), ("secret", True)])
def test_of_a_secret_only_its_presence_is_told(value: str | None, told: bool) -> None:
    class Row(Document):
        key_set = IsSetField(source="key")

    assert Row({"key": value}).data == {"key_set": told}
