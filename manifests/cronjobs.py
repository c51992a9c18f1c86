"""The schedules of an instance as CronJobs have them, and whether they are on. Pure."""

from domain.schedules import CRON_PERIOD_MINUTES, compute_backup_time, compute_cron_minute
from domain.specs import Component, InstanceKind, InstanceSpec


def compute_cron_schedule(identifier: str) -> str:
    """Return every ten minutes, at a minute of the instance's own (`3-59/10 * * * *`), so that they do not all start
    at once."""
    return f"{compute_cron_minute(identifier)}-59/{CRON_PERIOD_MINUTES} * * * *"


def compute_backup_schedule(identifier: str) -> str:
    """Return once a night, at an hour and minute of the instance's own."""
    hour, minute = compute_backup_time(identifier)
    return f"{minute} {hour} * * *"


def is_cron_suspended(spec: InstanceSpec) -> bool:
    """Return whether the cron's schedule is off."""
    return Component.CRON not in spec.components


def is_backup_suspended(spec: InstanceSpec) -> bool:
    """Return whether the nightly backup is off: nothing to read while the database is stopped; something is at work on
    the data while the page alone is, or when an operation says so (a restore, an upgrade); and what a sandbox or a
    verification holds is a copy."""
    servers = {Component.DB, Component.HTTPD}
    at_work = spec.backups_held or not servers <= spec.components
    return at_work or spec.kind is not InstanceKind.PRODUCTION
