"""Sample prices are there to begin with, and never in the way of real ones."""

import pytest

from finops.models import PriceSheet
from finops.prices.sample_prices import ensure_sample_prices
from tests.finops.cases import make_sheet

pytestmark = pytest.mark.django_db


def test_they_are_made_once_and_hold_for_every_engine() -> None:
    sheet = ensure_sample_prices()
    assert ensure_sample_prices() == sheet
    assert (sheet.engine, sheet.currency, sheet.vat_included) == ("", "EUR", False)
    assert {line.kind for line in sheet.lines.all()} == {"cpu", "memory", "storage", "backup", "shared"}
    for line in sheet.lines.all():
        line.full_clean()


def test_a_sheet_that_is_there_stays_as_it_is() -> None:
    sheet = make_sheet("")
    assert ensure_sample_prices() == sheet
    assert PriceSheet.objects.count() == 1
