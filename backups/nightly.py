"""The nightly backups of instances whose engine has no schedules of its own: asked as ordinary operations.

Each at its own minute of the night (domain.schedules), once; one that finds its instance busy is asked again until the
night is over.
"""

import logging
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils.timezone import localtime, make_aware

from backups.models import BackupReason
from backups.requests import request_backup
from domain.errors import CiviparoisseError
from domain.schedules import BACKUP_HOURS, BACKUPS_END_HOUR, compute_backup_time
from domain.specs import InstanceKind
from domain.states import InstanceState
from operations.fleets import list_managed_engines
from operations.models import Operation
from tenants.models import Instance

log = logging.getLogger("backups")

REQUESTER = "manager"


def request_nightly_backups(*, now: datetime) -> list[str]:
    """Ask for the backups that are due and were not asked for tonight; return the identifiers of their instances.

    Only active production instances have one. One instance's fault stops no other's backup.
    """
    if not settings.NIGHTLY_BACKUPS or BACKUPS_END_HOUR <= localtime(now).hour < BACKUP_HOURS[0]:
        return []
    night = compute_night(now)
    rows = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value, state=InstanceState.ACTIVE.value)
    rows = rows.filter(engine__in=list_managed_engines()).defer("secrets")
    due = {make_key(row.identifier, night): row for row in rows if is_due(row.identifier, night=night, now=now)}
    asked = set(Operation.objects.filter(idempotency_key__in=due).values_list("idempotency_key", flat=True))
    requested = []
    for key, instance in due.items():
        if key in asked:
            continue
        try:
            parameters = {"reason": BackupReason.SCHEDULED.value}
            request_backup(instance, requested_by=REQUESTER, parameters=parameters, idempotency_key=key)
        except CiviparoisseError as error:
            log.warning("nightly backup of %s: %s %s", instance.identifier, error.code, error.params)
            continue
        requested.append(instance.identifier)
    return requested


def compute_night(now: datetime) -> date:
    """Return the day in whose evening the night of `now`, or the next one, begins."""
    local = localtime(now)
    return local.date() if local.hour >= BACKUPS_END_HOUR else local.date() - timedelta(days=1)


def is_due(identifier: str, *, night: date, now: datetime) -> bool:
    """Return whether the instance's own minute of `night` is over, and the night is not."""
    hour, minute = compute_backup_time(identifier)
    day = night if hour >= BACKUP_HOURS[0] else night + timedelta(days=1)
    begins = make_aware(datetime.combine(day, time(hour, minute)))
    ends = make_aware(datetime.combine(night + timedelta(days=1), time(BACKUPS_END_HOUR)))
    return begins <= now < ends


def make_key(identifier: str, night: date) -> str:
    """Return the idempotency key of one instance's backup of one night."""
    return f"nightly:{identifier}:{night.isoformat()}"
