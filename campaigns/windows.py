"""When operations of a campaign may begin: windows of the day and days without, in a time zone. Pure.

What has begun goes on to its end, also beyond its window.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from domain.campaigns import MOST_BLACKOUT_DATES, MOST_WINDOWS
from domain.errors import InvalidValue

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAYS = frozenset(range(7))
# Two years: a day that comes in leap years alone is not found in one.
LOOKED_AHEAD_DAYS = 800
# Clocks are put on or back at such a mark.
MARK = timedelta(minutes=15)
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
YEARLY = re.compile(r"(\d\d)-(\d\d)")
ONCE = re.compile(r"\d{4}-\d\d-\d\d")


class Scheduled(Protocol):
    """What keeps a calendar as JSON: a campaign."""

    windows: Any
    blackout: Any
    time_zone: Any


@dataclass(frozen=True, slots=True)
class Window:
    """From a time of the day until another one, of the next day where that is not later. `days`: of its beginning."""

    begins: time
    ends: time
    days: frozenset[int] = ALL_DAYS


@dataclass(frozen=True, slots=True)
class Days:
    """Days without: from one to another, both included, of every year as (month, day), or of one as dates."""

    first: tuple[int, int] | date
    last: tuple[int, int] | date

    def holds(self, day: date) -> bool:
        """Return whether `day` is one of them."""
        if isinstance(self.first, date) and isinstance(self.last, date):
            return self.first <= day <= self.last
        place = (day.month, day.day)
        if self.first <= self.last:  # type: ignore[operator]
            return self.first <= place <= self.last  # type: ignore[operator]
        return place >= self.first or place <= self.last  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When something may begin. Without windows: at any time of the days that are not left out."""

    zone: ZoneInfo
    windows: tuple[Window, ...] = ()
    weekdays_without: frozenset[int] = frozenset()
    days_without: tuple[Days, ...] = ()

    def is_open(self, moment: datetime) -> bool:
        """Return whether something may begin at `moment`."""
        local = moment.astimezone(self.zone)
        if self._is_day_without(local.date()):
            return False
        return not self.windows or any(_holds(window, local) for window in self.windows)

    def find_next_opening(self, moment: datetime) -> datetime | None:
        """Return `moment` where something may begin then, else the first moment after it; None where there is none
        in two years."""
        if self.is_open(moment):
            return moment
        first = moment.astimezone(self.zone).date()
        for offset in range(-1, LOOKED_AHEAD_DAYS):
            day = first + timedelta(days=offset)
            if self._is_day_without(day):
                continue
            for candidate in sorted(self._list_beginnings(day)):
                if candidate > moment and self.is_open(candidate):
                    return candidate
        return None

    def _is_day_without(self, day: date) -> bool:
        return day.weekday() in self.weekdays_without or any(days.holds(day) for days in self.days_without)

    def _list_beginnings(self, day: date) -> Iterator[datetime]:
        """Give the moments of `day` at which it may open: its first one, the beginnings of windows, and every mark of a
        day on which the clock is changed."""
        begins, ends = _at(day, time(), self.zone), _at(day + timedelta(days=1), time(), self.zone)
        yield begins
        for window in self.windows:
            for fold in (0, 1):
                yield _at(day, window.begins, self.zone, fold=fold)
        if ends - begins != timedelta(days=1):
            for number in range((ends - begins) // MARK):
                yield begins + number * MARK


def read_calendar(*, windows: Sequence[Mapping[str, Any]], blackout: Mapping[str, Any], time_zone: str) -> Calendar:
    """Return the calendar that a campaign keeps as JSON. Raise InvalidValue for the first fault."""
    if not isinstance(windows, (list, tuple)) or len(windows) > MOST_WINDOWS:
        raise _make_fault("windows", _("give at most %(most)s windows.") % {"most": MOST_WINDOWS})
    if not isinstance(blackout, Mapping) or set(blackout) - {"weekdays", "dates"}:
        raise _make_fault("blackout", _("give “weekdays” and “dates”."))
    dates = blackout.get("dates") or []
    if not isinstance(dates, (list, tuple)) or len(dates) > MOST_BLACKOUT_DATES:
        raise _make_fault("blackout", _("give at most %(most)s dates.") % {"most": MOST_BLACKOUT_DATES})
    without = _read_days("blackout", blackout.get("weekdays") or [])
    if without == ALL_DAYS:
        raise _make_fault("blackout", _("no day of the week would be left."))
    return Calendar(
        zone=_read_zone(time_zone),
        windows=tuple(_read_window(window) for window in windows),
        weekdays_without=without,
        days_without=tuple(_read_dates(text) for text in dates),
    )


def read_calendar_of(campaign: Scheduled) -> Calendar:
    """Return when operations of `campaign` may begin."""
    return read_calendar(windows=campaign.windows, blackout=campaign.blackout, time_zone=campaign.time_zone)


def _holds(window: Window, local: datetime) -> bool:
    clock, weekday = local.time(), local.weekday()
    if window.begins < window.ends:
        return weekday in window.days and window.begins <= clock < window.ends
    is_evening = clock >= window.begins and weekday in window.days
    return is_evening or (clock < window.ends and (weekday - 1) % 7 in window.days)


def _at(day: date, clock: time, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).replace(fold=fold).astimezone(UTC)


def _read_zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(name)  # type: ignore[arg-type]
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise _make_fault("time_zone", _("give a time zone such as Europe/Paris.")) from error


def _read_window(given: object) -> Window:
    if not isinstance(given, Mapping) or not {"from", "to"} <= set(given) <= {"from", "to", "days"}:
        raise _make_fault("windows", _('write each as {"from": "22:00", "to": "05:00", "days": ["mon"]}.'))
    days = _read_days("windows", given.get("days") or list(DAYS))
    return Window(_read_clock(given["from"]), _read_clock(given["to"]), days)


def _read_clock(text: object) -> time:
    found = CLOCK.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    if found is None:
        raise _make_fault("windows", _("write times of the day like 22:00."))
    return time(int(found[1]), int(found[2]))


def _read_days(field: str, names: object) -> frozenset[int]:
    known = {name: number for number, name in enumerate(DAYS)}
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) and name in known for name in names):
        raise _make_fault(field, _("name days of the week from %(names)s.") % {"names": ", ".join(DAYS)})
    return frozenset(known[name] for name in names)


def _read_dates(text: object) -> Days:
    """Return "12-24..12-26", "01-01", "2026-12-31" or "2026-12-24..2027-01-02" as days."""
    if isinstance(text, str) and text.isascii():
        first, dots, last = text.partition("..")
        try:
            days = Days(_read_date(first), _read_date(last if dots else first))
        except ValueError:
            days = None
        if days is not None and type(days.first) is type(days.last):
            if not isinstance(days.first, date) or days.first <= days.last:  # type: ignore[operator]
                return days
    raise _make_fault("blackout", _("write dates like 12-24..12-26 (every year) or 2026-12-31."))


def _read_date(text: str) -> tuple[int, int] | date:
    yearly = YEARLY.fullmatch(text)
    if yearly is not None:
        # Any leap year: the 29th of February is a day too.
        day = date(2024, int(yearly[1]), int(yearly[2]))
        return day.month, day.day
    if ONCE.fullmatch(text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def _make_fault(field: str, reason: str) -> InvalidValue:
    return InvalidValue(field=field, reason=reason)
