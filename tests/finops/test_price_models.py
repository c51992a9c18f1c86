"""What a price sheet may say: the database holds the rules, forms show their texts."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from domain.errors import CiviparoisseError
from finops.models import PriceLine, PriceSheet
from finops.price_models import LineKind, Period, Split, is_key
from tests.finops.cases import make_sheet

pytestmark = pytest.mark.django_db
JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        (date(2026, 2, 1), date(2026, 4, 1), True),
        (MARCH, date(2026, 3, 2), True),
        (date(2026, 4, 30), None, True),
        (JANUARY, None, True),
        (JANUARY, MARCH, False),
        (MAY, None, False),
    ],
)
def test_two_sheets_of_an_engine_never_hold_on_one_day(start: date, end: date | None, overlaps: bool) -> None:
    make_sheet(valid_from=MARCH, valid_to=MAY)
    make_sheet("other", valid_from=start, valid_to=end)
    sheet = PriceSheet(name="new", engine="fake", valid_from=start, valid_to=end)
    if not overlaps:
        sheet.full_clean()
        sheet.save()
        return
    with pytest.raises(CiviparoisseError) as caught:
        sheet.save()
    assert caught.value.code == "price_sheets_overlap"
    with pytest.raises(ValidationError) as refused:
        sheet.clean()
    assert "valid_from" in refused.value.message_dict


def test_a_sheet_may_be_ended_and_saved_again() -> None:
    sheet = make_sheet()
    sheet.valid_to = MAY
    sheet.save()
    make_sheet(valid_from=MAY, name="next")


def test_a_sheet_lasts_and_counts() -> None:
    for wrong in ({"valid_to": JANUARY}, {"cpu_weight": 0}, {"month_hours": 0}, {"vat_percent": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PriceSheet.objects.create(**{"name": "x", "valid_from": JANUARY, **wrong})


def test_a_price_of_zero_must_be_confirmed() -> None:
    sheet = make_sheet()
    line = PriceLine(sheet=sheet, kind=LineKind.SHARED, name="gift", amount=Decimal(0), period=Period.MONTH)
    with pytest.raises(ValidationError, match="confirm"):
        line.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()
    line.zero_confirmed = True
    line.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceLine.objects.filter(pk=line.pk).update(amount=Decimal(-1))


def test_a_node_needs_sizes_and_a_thing_has_one_price() -> None:
    sheet = make_sheet()
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceLine.objects.create(sheet=sheet, kind=LineKind.NODE, name="n", amount=1, period=Period.HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceLine.objects.create(sheet=sheet, kind=LineKind.CPU, amount=1, period=Period.HOUR)


def test_a_key_gives_slugs_weights() -> None:
    assert is_key({"a": 1, "b": 0, "c": 0.5})
    for wrong in ({}, {"a": 0}, {"a": -1}, {"a": "1"}, {"a": True}, {"a": float("nan")}, [], None):
        assert not is_key(wrong), wrong
    line = PriceLine(sheet=make_sheet(), kind=LineKind.SHARED, amount=1, period=Period.MONTH, split=Split.KEY)
    with pytest.raises(ValidationError) as refused:
        line.clean()
    assert "key" in refused.value.message_dict
