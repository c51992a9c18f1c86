"""The nightly backups of instances whose engine has no schedules of its own: asked as ordinary operations.

Each at its own minute of the night (domain.schedules). One that finds its instance busy, or fails, is asked again until
the night is over; a night in which the manager did not run is caught up by day, a few instances at a time.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.timezone import localtime, make_aware

from backups.ages import make_last_good
from backups.models import BackupReason
from domain.errors import CiviparoisseError
from domain.schedules import BACKUP_HOURS, BACKUPS_END_HOUR, compute_backup_time
from domain.specs import InstanceKind
from domain.states import ACTIVE_OPERATION_STATES, InstanceState, OperationKind, OperationState
from operations.fleets import list_managed_engines
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance

log = logging.getLogger("backups")

REQUESTER = "manager"
# Between the end of a failed try and the next, doubled each time up to an hour.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=1)
# By day people use the sites: so many are caught up at the same time.
CATCH_UPS_AT_ONCE = 2


def request_nightly_backups(*, now: datetime) -> list[str]:
    """Ask for the backups that are due, that failed tonight, or that no manager ran to ask for last night; return the
    identifiers of their instances.

    Only active production instances have one. One instance's fault stops no other's backup.
    """
    if not settings.NIGHTLY_BACKUPS:
        return []
    rows = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value, state=InstanceState.ACTIVE.value)
    rows = rows.filter(engine__in=list_managed_engines()).defer("secrets")
    by_day = BACKUPS_END_HOUR <= localtime(now).hour < BACKUP_HOURS[0]
    dated = rows.annotate(good_at=make_last_good("pk"))
    wanted = list_missed(dated, now=now) if by_day else list_due(rows, now=now)
    return [instance.identifier for key, instance in wanted if _request(instance, key=key)]


def list_due(rows: Iterable[Instance], *, now: datetime) -> Iterator[tuple[str, Instance]]:
    """Yield (key, instance) of what is to be asked for in this night: not asked for yet, or to be tried again."""
    night = compute_night(now)
    due = [row for row in rows if is_due(row.identifier, night=night, now=now)]
    tries = list_tries(due, night=night)
    for row in due:
        made = tries[row.identifier]
        if not made:
            yield make_key(row.identifier, night), row
        elif may_try_again(made, now=now):
            yield f"{make_key(row.identifier, night)}:{len(made) + 1}", row


def list_missed(rows: Iterable[Any], *, now: datetime) -> Iterator[tuple[str, Instance]]:
    """Yield (key, instance) of a few whose last night passed without a try and without a good set, oldest set first.
    `rows`: instances with `good_at`."""
    night = compute_night(now) - timedelta(days=1)
    evening = make_aware(datetime.combine(night, time(BACKUP_HOURS[0])))
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    under_way = Operation.objects.filter(kind=OperationKind.BACKUP, requested_by=REQUESTER, state__in=active).count()
    missed = [row for row in rows if row.created_at < evening and not (row.good_at and evening <= row.good_at <= now)]
    tries = list_tries(missed, night=night)
    never = [row for row in missed if not tries[row.identifier]]
    never.sort(key=lambda row: row.good_at or row.created_at)
    for row in never[: max(0, CATCH_UPS_AT_ONCE - under_way)]:
        log.warning("nightly backup of %s: nobody asked for it last night, it is caught up now", row.identifier)
        yield make_key(row.identifier, night), row


def list_tries(instances: Iterable[Instance], *, night: date) -> dict[str, list[Operation]]:
    """Return what was asked for in `night`, by instance, in order; an empty list for an instance without any."""
    tries: dict[str, list[Operation]] = defaultdict(list)
    keys = {make_key(row.identifier, night) for row in instances}
    first = Operation.objects.filter(idempotency_key__in=keys)
    later = Q()
    for row in first.exclude(state=OperationState.SUCCEEDED):
        later |= Q(idempotency_key__startswith=f"{row.idempotency_key}:")
    rows = [*first, *(Operation.objects.filter(later) if later else ())]
    for row in sorted(rows, key=lambda row: row.pk):
        tries[row.subject].append(row)
    return tries


def may_try_again(tries: list[Operation], *, now: datetime) -> bool:
    """Return whether the night's last try failed, long enough ago. What a person cancelled stays cancelled."""
    last = tries[-1]
    if last.state != OperationState.FAILED or last.ended_at is None:
        return False
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (len(tries) - 1))
    # An end in the future: the clock went back.
    return not last.ended_at <= now < last.ended_at + pause


def _request(instance: Instance, *, key: str) -> bool:
    """Ask for a backup; return whether it was taken. What forbids it is only logged: it is asked again in a minute."""
    try:
        parameters = {"reason": BackupReason.SCHEDULED.value}
        request_operation(
            kind=OperationKind.BACKUP,
            instance=instance,
            requested_by=REQUESTER,
            parameters=parameters,
            idempotency_key=key,
        )
    except CiviparoisseError as error:
        log.warning("nightly backup of %s: %s %s", instance.identifier, error.code, error.params)
        return False
    return True


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
