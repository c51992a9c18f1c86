"""Months and days of Europe/Paris, whose clocks change twice a year."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import InvalidValue
from finops.calendar import (
    Month,
    compute_day,
    compute_day_bounds,
    compute_day_start,
    compute_month,
    compute_second,
    parse_month,
)


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2026-03", 743), ("2026-10", 745), ("2026-01", 744), ("2026-02", 672), ("2028-02", 696), ("2026-04", 720)],
)
def test_a_month_has_its_real_hours(text: str, hours: int) -> None:
    assert parse_month(text).hours == hours


def test_months_follow_each_other_without_a_gap() -> None:
    month = Month(2025, 11)
    for _ in range(30):
        assert month.end == month.next().start
        assert month.next().add(-1) == month
        month = month.next()
    assert str(month) == "2028-05"


def test_a_month_begins_in_paris() -> None:
    assert Month(2026, 1).start == int(datetime(2025, 12, 31, 23, tzinfo=UTC).timestamp())
    assert compute_month(datetime(2026, 7, 31, 22, 0, tzinfo=UTC)) == Month(2026, 8)
    assert compute_month(datetime(2026, 7, 31, 21, 59, tzinfo=UTC)) == Month(2026, 7)


@pytest.mark.parametrize("text", ["2026-13", "2026-3", "26-03", "", "2026-03-01", "1999-01", "0000-01", "٢٠٢٦-03"])
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_month(text)
    assert caught.value.params["field"] == "month"


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 28), 24)])
def test_a_day_has_its_real_hours(day: date, hours: int) -> None:
    start, end = compute_day_bounds(day)
    assert end - start == hours * 3600
    assert compute_day(start) == compute_day(end - 1) == day
    assert compute_day(end) == day + timedelta(days=1)
    assert compute_day_start(day) == start


def test_seconds_are_whole_and_never_later() -> None:
    assert compute_second(datetime(1970, 1, 1, 0, 0, 5, 999_999, tzinfo=UTC)) == 5
