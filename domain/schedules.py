"""When the schedules of an instance run: spread over the fleet, the same for ever for one instance. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

CRON_PERIOD_MINUTES = 10
# Hours of Europe/Paris. Not 2: that hour comes twice in October and not at all in March.
BACKUP_HOURS = (22, 23, 0, 1, 3, 4)
# A nightly backup that could not begin at its minute may begin until this hour.
BACKUPS_END_HOUR = 6


def compute_cron_minute(identifier: str) -> int:
    """Return the minute of the ten-minute period at which the instance's cron runs."""
    return compute_slot(identifier, "cron", CRON_PERIOD_MINUTES)


class Frequency(StrEnum):
    """How often backups are taken."""

    NIGHTLY = "nightly"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


# The night after the last of these days ends on the 28th, which every month has.
LAST_MONTH_DAY = 27
ISO_WEEKDAYS = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSchedule:
    """In which nights, and in which hours of them. A night is named by the day in whose evening it begins.

    `weekdays` (1 is Monday): the nights of a nightly schedule (none: every one), and at most one of a weekly one;
    `month_day`: of a monthly one. What is not given of the last two is the instance's own, spread over the fleet.
    `hours`: some of BACKUP_HOURS, none for all of them.
    """

    frequency: Frequency = Frequency.NIGHTLY
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    hours: tuple[int, ...] = ()


EVERY_NIGHT = BackupSchedule()


def compute_backup_time(identifier: str, schedule: BackupSchedule = EVERY_NIGHT) -> tuple[int, int]:
    """Return (hour, minute) of Europe/Paris at which the instance is backed up in its nights."""
    hours = [hour for hour in BACKUP_HOURS if not schedule.hours or hour in schedule.hours]
    place = compute_slot(identifier, "backup", len(hours) * 60)
    return hours[place // 60], place % 60


def compute_weekdays(identifier: str, schedule: BackupSchedule) -> tuple[int, ...]:
    """Return the ISO weekdays of the instance's nights, all seven for every night; empty for a monthly schedule."""
    if schedule.frequency is Frequency.MONTHLY:
        return ()
    if schedule.weekdays:
        return schedule.weekdays
    own = (compute_slot(identifier, "weekday", 7) + 1,)
    return own if schedule.frequency is Frequency.WEEKLY else ISO_WEEKDAYS


def compute_month_day(identifier: str, schedule: BackupSchedule) -> int:
    """Return the day of the month of a monthly schedule."""
    return schedule.month_day or compute_slot(identifier, "month day", LAST_MONTH_DAY) + 1


def is_backup_night(identifier: str, schedule: BackupSchedule, night: date) -> bool:
    """Return whether the instance is backed up in the night that begins in the evening of that day."""
    if schedule.frequency is Frequency.MONTHLY:
        return night.day == compute_month_day(identifier, schedule)
    return night.isoweekday() in compute_weekdays(identifier, schedule)


def find_last_night(identifier: str, schedule: BackupSchedule, *, until: date) -> date:
    """Return the last night of the instance's schedule up to `until`, which may be that one itself."""
    night = until
    while not is_backup_night(identifier, schedule, night):
        night -= timedelta(days=1)
    return night


def compute_slot(identifier: str, purpose: str, count: int) -> int:
    """Return the instance's own number among `count`, for one purpose; evenly spread over all instances."""
    digest = hashlib.sha256(f"{purpose}/{identifier}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % count
