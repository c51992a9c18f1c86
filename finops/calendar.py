"""Calendar months and days of Europe/Paris, as whole seconds since 1970. Pure.

A month has its real hours: 743 in March 2026, 745 in October, when the clocks change.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from domain.errors import InvalidValue

PARIS = ZoneInfo("Europe/Paris")
TEXT = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")


class Month(NamedTuple):
    """A calendar month, in order of time. `str` gives 2026-03."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def start(self) -> int:
        """Its first second."""
        return compute_day_start(self.first_day)

    @property
    def end(self) -> int:
        """The first second after it."""
        return self.next().start

    @property
    def hours(self) -> int:
        """How many hours it really has."""
        return (self.end - self.start) // 3600

    def next(self) -> "Month":
        """Return the month after."""
        return self.add(1)

    def add(self, months: int) -> "Month":
        """Return the month that comes `months` later, or earlier for a negative number."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)


def parse_month(text: str) -> Month:
    """Return the month written 2026-03. Raise InvalidValue for anything else."""
    match = TEXT.fullmatch(text)
    if match is None:
        raise InvalidValue(field="month", reason=_("give a month such as 2026-03."))
    return Month(int(match[1]), int(match[2]))


def compute_month(now: datetime) -> Month:
    """Return the month that `now` is in."""
    local = now.astimezone(PARIS)
    return Month(local.year, local.month)


def compute_day(second: int) -> date:
    """Return the day that `second` is in."""
    return datetime.fromtimestamp(second, tz=UTC).astimezone(PARIS).date()


def compute_day_start(day: date) -> int:
    """Return the first second of `day`."""
    return int(datetime(day.year, day.month, day.day, tzinfo=PARIS).timestamp())


def compute_day_bounds(day: date) -> tuple[int, int]:
    """Return the first second of `day` and the first one after it: 23, 24 or 25 hours."""
    return compute_day_start(day), compute_day_start(day + timedelta(days=1))


def compute_second(now: datetime) -> int:
    """Return the whole second that `now` is in."""
    return int(now.timestamp() // 1)
