"""The moments that a parish can go back to, as a calendar: months of weeks of days. Pure but for the local zone."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localtime

from backups.choices import BackupScope
from parish_requests.moments import Moment

MONTHS = 2


@dataclass(frozen=True, slots=True)
class Day:
    """One day. `is_outside`: it belongs to the month before or after, and is left empty."""

    date: date
    moments: tuple[Moment, ...]
    is_outside: bool

    @property
    def is_proven(self) -> bool:
        """Whether a moment of the day was restored for proof."""
        return any(moment.proven_at for moment in self.moments)

    @property
    def holds_all(self) -> bool:
        """Whether a moment of the day holds everything."""
        return any(moment.holds == BackupScope.FULL for moment in self.moments)


@dataclass(frozen=True, slots=True)
class Month:
    """One month. `first`: its first day; `weeks`: from Monday on."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]


def make_months(moments: Sequence[Moment], *, most: int = MONTHS) -> list[Month]:
    """Return the months with moments, the newest first, so many at most. A day is one of the parishes' time zone."""
    days: dict[date, list[Moment]] = {}
    for moment in moments:
        days.setdefault(localtime(moment.saved_at).date(), []).append(moment)
    firsts = sorted({day.replace(day=1) for day in days}, reverse=True)[:most]
    return [Month(first, _make_weeks(first, days)) for first in firsts]


def group_by_month(moments: Iterable[Moment]) -> list[tuple[date, list[Moment]]]:
    """Return the moments in their order, by month."""
    groups: dict[date, list[Moment]] = {}
    for moment in moments:
        groups.setdefault(localtime(moment.saved_at).date().replace(day=1), []).append(moment)
    return list(groups.items())


def _make_weeks(first: date, days: dict[date, list[Moment]]) -> tuple[tuple[Day, ...], ...]:
    weeks = calendar.Calendar(firstweekday=calendar.MONDAY).monthdatescalendar(first.year, first.month)
    return tuple(tuple(_make_day(day, first, days) for day in week) for week in weeks)


def _make_day(day: date, first: date, days: dict[date, list[Moment]]) -> Day:
    is_outside = day.month != first.month
    return Day(day, () if is_outside else tuple(days.get(day, ())), is_outside)
