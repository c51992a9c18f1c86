"""Which month a page is about."""

from datetime import datetime

import pytest
from django.test import RequestFactory

from finops.calendar import PARIS, Month
from finops.pages.frame import EARLIEST, make_frame, read_month

NOW = datetime(2026, 11, 25, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("asked", "month"),
    [
        ("2026-03", Month(2026, 3)),
        ("2026-11", Month(2026, 11)),
        ("2027-01", Month(2026, 11)),
        ("2001-01", EARLIEST),
        ("March", Month(2026, 11)),
    ],
)
def test_the_month_of_the_address_within_reason(asked: str, month: Month) -> None:
    assert read_month(RequestFactory().get("/", {"month": asked}), now=NOW) == month


def test_the_present_month_has_none_after_it() -> None:
    assert make_frame(Month(2026, 11), now=NOW)["next_link"] == ""
    earlier = make_frame(Month(2026, 10), now=NOW)
    assert (earlier["previous_link"], earlier["next_link"]) == ("?month=2026-09", "?month=2026-11")
