"""The example beside the prices is the formula's, to the cent."""

from datetime import datetime

import pytest
from django.utils.translation import override

from finops.calendar import PARIS, compute_month
from finops.ledger.reservation import compute_footprint
from finops.pages.price_example import PARISHES, render_example
from finops.prices.examples import compute_example
from finops.wording.formats import format_money
from tenants.registry import get_default_plan
from tenants.specs import make_plan
from tests.finops.cases import make_prices, make_shared
from tests.rows import make_plan_row

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 15, tzinfo=PARIS)


def test_it_shows_what_the_formula_says() -> None:
    make_plan_row()
    prices = make_prices(shared=(make_shared("100"),))
    with override("fr"):
        page = render_example(prices, now=NOW)
        footprint = compute_footprint(make_plan(get_default_plan()))
        example = compute_example(prices, footprint, month=compute_month(NOW), parishes=PARISHES)
        assert format_money(example.total) in page
        assert "mars 2026" in page


def test_without_prices_it_says_what_to_do_and_with_half_of_them_what_is_missing() -> None:
    make_plan_row()
    assert "cp-example" not in render_example(None, now=NOW)
    assert "cp-warning" in render_example(make_prices(memory=None), now=NOW)
    assert "cp-warning" in render_example(None, now=NOW, fault="not yet")
