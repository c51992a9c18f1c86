"""A calendar of moments: a day is one of the parishes' own time zone, and weeks begin on Monday."""

from datetime import UTC, date, datetime

from backups.choices import BackupScope
from backups.models import Backup
from parish_requests.moments import Moment
from parish_site.calendar_days import group_by_month, make_months


def make(*at: int, proven: bool = False, holds: BackupScope = BackupScope.FULL) -> Moment:
    saved_at = datetime(*at, tzinfo=UTC)  # type: ignore[misc, arg-type]
    proven_at = saved_at if proven else None
    return Moment(backup=Backup(), holds=holds, saved_at=saved_at, protected=False, proven_at=proven_at)


# 23:30 UTC is the next day in Paris, here of the next month.
MOMENTS = [make(2026, 11, 30, 23, 30), make(2026, 11, 30, 3, proven=True), make(2026, 11, 30, 2), make(2026, 9, 1, 3)]


def test_the_newest_months_with_moments_are_shown() -> None:
    months = make_months(MOMENTS, most=2)
    assert [month.first for month in months] == [date(2026, 12, 1), date(2026, 11, 1)]
    assert len(make_months(MOMENTS, most=9)) == 3
    assert make_months([]) == []


def test_a_day_has_its_moments_and_days_of_other_months_are_empty() -> None:
    december, november = make_months(MOMENTS, most=2)
    days = [day for week in november.weeks for day in week]
    assert [day.date for day in days if day.moments] == [date(2026, 11, 30)]
    assert all(len(week) == 7 and week[0].date.weekday() == 0 for week in november.weeks)
    last = next(day for day in days if day.moments)
    assert len(last.moments) == 2 and last.is_proven and last.holds_all
    first = next(day for week in december.weeks for day in week if day.moments)
    assert (first.date, first.is_proven) == (date(2026, 12, 1), False)
    outside = [day for week in december.weeks for day in week if day.is_outside]
    assert outside and not any(day.moments for day in outside), "November's are shown in November alone"


def test_a_part_is_not_everything() -> None:
    month = make_months([make(2026, 11, 3, 3, holds=BackupScope.FILES)])[0]
    assert not any(day.holds_all for week in month.weeks for day in week)


def test_moments_are_grouped_in_their_order() -> None:
    groups = group_by_month(MOMENTS)
    assert [first for first, _moments in groups] == [date(2026, 12, 1), date(2026, 11, 1), date(2026, 9, 1)]
    assert [moment for _first, moments in groups for moment in moments] == MOMENTS
