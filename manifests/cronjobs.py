"""When the schedules of an instance run: spread over the fleet, the same for ever for one instance. Pure."""

import hashlib

from domain.specs import Component, InstanceKind, InstanceSpec

CRON_PERIOD_MINUTES = 10
# Hours of Europe/Paris. Not 2: that hour comes twice in October and not at all in March.
BACKUP_HOURS = (22, 23, 0, 1, 3, 4)


def compute_cron_schedule(identifier: str) -> str:
    """Return every ten minutes, at a minute of the instance's own (`3-59/10 * * * *`), so that they do not all start
    at once."""
    return f"{_compute_place(identifier, 'cron', CRON_PERIOD_MINUTES)}-59/{CRON_PERIOD_MINUTES} * * * *"


def compute_backup_schedule(identifier: str) -> str:
    """Return once a night, at an hour and minute of the instance's own."""
    place = _compute_place(identifier, "backup", len(BACKUP_HOURS) * 60)
    return f"{place % 60} {BACKUP_HOURS[place // 60]} * * *"


def is_cron_suspended(spec: InstanceSpec) -> bool:
    """Return whether the cron's schedule is off."""
    return Component.CRON not in spec.components


def is_backup_suspended(spec: InstanceSpec) -> bool:
    """Return whether the nightly backup is off: nothing to read while the database is stopped; something is at work on
    the data while the page alone is (a restore, an upgrade); and what a sandbox or a verification holds is a copy."""
    servers = {Component.DB, Component.HTTPD}
    return not servers <= spec.components or spec.kind is not InstanceKind.PRODUCTION


def _compute_place(identifier: str, purpose: str, count: int) -> int:
    digest = hashlib.sha256(f"{purpose}/{identifier}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % count
