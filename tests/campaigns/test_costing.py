"""What a campaign changes of what is paid by the month: sizes, stopping and starting; nothing without prices."""

from decimal import Decimal
from typing import Any

import pytest

from campaigns.costing import estimate_monthly_change
from campaigns.drafts import read_draft
from tests.campaigns.cast import NOON, make_fleet

pytestmark = pytest.mark.django_db


def estimate(rows: list[Any], **values: Any) -> tuple[Decimal | None, str]:
    draft = read_draft({"name": "x", **values})
    return estimate_monthly_change(draft, [row.pk for row in rows], now=NOON)


def test_without_prices_or_sizes_nothing_is_told() -> None:
    rows = make_fleet(2)
    assert estimate(rows, kind="suspend") == (None, "")
