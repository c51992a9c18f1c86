"""The schedules of an instance as CronJobs have them, and whether they are on. Pure."""

from domain.schedules import (
    BACKUPS_END_HOUR,
    CRON_PERIOD_MINUTES,
    EVERY_NIGHT,
    ISO_WEEKDAYS,
    BackupSchedule,
    Frequency,
    compute_backup_time,
    compute_cron_minute,
    compute_month_day,
    compute_weekdays,
)
from domain.specs import Component, InstanceKind, InstanceSpec


def compute_cron_schedule(identifier: str) -> str:
    """Return every ten minutes, at a minute of the instance's own (`3-59/10 * * * *`), so that they do not all start
    at once."""
    return f"{compute_cron_minute(identifier)}-59/{CRON_PERIOD_MINUTES} * * * *"


def compute_backup_schedule(identifier: str, schedule: BackupSchedule = EVERY_NIGHT) -> str:
    """Return when the backup runs: in the nights of `schedule`, at an hour and minute of the instance's own. After
    midnight it is the day after the one that names the night."""
    hour, minute = compute_backup_time(identifier, schedule)
    later = int(hour < BACKUPS_END_HOUR)
    if schedule.frequency is Frequency.MONTHLY:
        return f"{minute} {hour} {compute_month_day(identifier, schedule) + later} * *"
    weekdays = compute_weekdays(identifier, schedule)
    if weekdays == ISO_WEEKDAYS:
        return f"{minute} {hour} * * *"
    return f"{minute} {hour} * * {','.join(map(str, sorted((day + later) % 7 for day in weekdays)))}"


def is_cron_suspended(spec: InstanceSpec) -> bool:
    """Return whether the cron's schedule is off."""
    return Component.CRON not in spec.components


def is_backup_suspended(spec: InstanceSpec) -> bool:
    """Return whether the nightly backup is off: nothing to read while the database is stopped; something is at work on
    the data while the page alone is, or when an operation says so (a restore, an upgrade); and what a sandbox or a
    verification holds is a copy. Also where its policy stops the site meanwhile: then the manager asks for each."""
    servers = {Component.DB, Component.HTTPD}
    at_work = spec.backups_held or not servers <= spec.components
    return at_work or spec.backups.by_manager or spec.kind is not InstanceKind.PRODUCTION
