"""When the schedules of an instance run: spread over the fleet, the same for ever for one instance. Pure."""

import hashlib

CRON_PERIOD_MINUTES = 10
# Hours of Europe/Paris. Not 2: that hour comes twice in October and not at all in March.
BACKUP_HOURS = (22, 23, 0, 1, 3, 4)
# A nightly backup that could not begin at its minute may begin until this hour.
BACKUPS_END_HOUR = 6


def compute_cron_minute(identifier: str) -> int:
    """Return the minute of the ten-minute period at which the instance's cron runs."""
    return compute_slot(identifier, "cron", CRON_PERIOD_MINUTES)


def compute_backup_time(identifier: str) -> tuple[int, int]:
    """Return (hour, minute) of Europe/Paris at which the instance is backed up every night."""
    place = compute_slot(identifier, "backup", len(BACKUP_HOURS) * 60)
    return BACKUP_HOURS[place // 60], place % 60


def compute_slot(identifier: str, purpose: str, count: int) -> int:
    """Return the instance's own number among `count`, for one purpose; evenly spread over all instances."""
    digest = hashlib.sha256(f"{purpose}/{identifier}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % count
