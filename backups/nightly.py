"""The backups by policy of instances whose engine does not start them by itself: asked as ordinary operations.

Each at its own minute of its nights (domain.schedules). One that finds its instance busy, or fails, is asked again
until the night is over; a night in which the manager did not run is caught up by day, a few instances at a time.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.timezone import localtime, make_aware

from backups.ages import make_last_good
from backups.models import BackupMode, BackupPolicy, BackupReason
from backups.policies import find_policies
from domain.errors import CiviparoisseError
from domain.schedules import (
    BACKUP_HOURS,
    BACKUPS_END_HOUR,
    EVERY_NIGHT,
    BackupSchedule,
    compute_backup_time,
    find_last_night,
)
from domain.specs import InstanceKind
from domain.states import ACTIVE_OPERATION_STATES, InstanceState, OperationKind, OperationState
from operations.fleets import list_managed_engines, list_scheduling_engines
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
    """Ask for the backups that are due, that failed tonight, or that no manager ran to ask for in the last night of
    their policy; return the identifiers of their instances.

    Only active production instances have one. One instance's fault stops no other's backup.
    """
    if not settings.NIGHTLY_BACKUPS:
        return []
    rows = list(_list_rows())
    policies = find_policies(rows)
    by_day = BACKUPS_END_HOUR <= localtime(now).hour < BACKUP_HOURS[0]
    wanted = list_missed(rows, policies, now=now) if by_day else list_due(rows, policies, now=now)
    return [row.identifier for key, row in wanted if _request(row, policies[row.pk], key=key)]


def _list_rows() -> Iterator[Any]:
    """Yield the instances whose backups the manager asks for, with `good_at`: also those that an engine with schedules
    leaves to it, since their site is stopped meanwhile."""
    rows = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value, state=InstanceState.ACTIVE.value)
    dated = rows.defer("secrets").annotate(good_at=make_last_good("pk"))
    yield from dated.filter(engine__in=list_managed_engines())
    scheduled = list(dated.filter(engine__in=list_scheduling_engines()))
    policies = find_policies(scheduled)
    yield from (row for row in scheduled if policies[row.pk].mode == BackupMode.COLD)


def list_due(
    rows: Iterable[Any], policies: Mapping[int, BackupPolicy], *, now: datetime
) -> Iterator[tuple[str, Instance]]:
    """Yield (key, instance) of what is to be asked for in this night: not asked for yet, or to be tried again. `rows`:
    instances with `good_at`."""
    night = compute_night(now)
    due = [row for row in rows if _is_wanted(row, policies[row.pk].make_schedule(), night=night, now=now)]
    tries = list_tries(due, night=night)
    for row in due:
        made = tries[row.identifier]
        if not made:
            yield make_key(row.identifier, night), row
        elif may_try_again(made, now=now):
            yield f"{make_key(row.identifier, night)}:{len(made) + 1}", row


def _is_wanted(row: Any, schedule: BackupSchedule, *, night: date, now: datetime) -> bool:
    """Return whether tonight's minute is over and this is one of the policy's nights, or one after it that makes up for
    it: nothing good was made since."""
    if not is_due(row.identifier, schedule, night=night, now=now):
        return False
    planned = find_last_night(row.identifier, schedule, until=night)
    return planned == night or row.good_at is None or not compute_evening(planned) <= row.good_at <= now


def compute_evening(night: date) -> datetime:
    """Return when a night begins."""
    return make_aware(datetime.combine(night, time(BACKUP_HOURS[0])))


def list_missed(
    rows: Iterable[Any], policies: Mapping[int, BackupPolicy], *, now: datetime
) -> Iterator[tuple[str, Instance]]:
    """Yield (key, instance) of a few whose last night by policy passed without a try and without a good set since,
    oldest set first. `rows`: instances with `good_at`."""
    until = compute_night(now) - timedelta(days=1)
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    under_way = Operation.objects.filter(kind=OperationKind.BACKUP, requested_by=REQUESTER, state__in=active).count()
    never = []
    nights = {row.pk: find_last_night(row.identifier, policies[row.pk].make_schedule(), until=until) for row in rows}
    for night in sorted(set(nights.values())):
        evening = compute_evening(night)
        missed = [
            row
            for row in rows
            if nights[row.pk] == night
            and row.created_at < evening
            and not (row.good_at and evening <= row.good_at <= now)
        ]
        tries = list_tries(missed, night=night)
        never += [(row, night) for row in missed if not tries[row.identifier]]
    never.sort(key=lambda pair: pair[0].good_at or pair[0].created_at)
    for row, night in never[: max(0, CATCH_UPS_AT_ONCE - under_way)]:
        log.warning("backup of %s: nobody asked for it in the night of %s, it is caught up now", row.identifier, night)
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


def _request(instance: Instance, policy: BackupPolicy, *, key: str) -> bool:
    """Ask for a backup; return whether it was taken. What forbids it is only logged: it is asked again in a minute."""
    try:
        parameters = {"reason": BackupReason.SCHEDULED.value, "scope": policy.scope, "mode": policy.mode}
        parameters |= {"codec": policy.codec} if policy.codec else {}
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


def is_due(identifier: str, schedule: BackupSchedule = EVERY_NIGHT, *, night: date, now: datetime) -> bool:
    """Return whether the instance's own minute of `night` is over, and the night is not."""
    hour, minute = compute_backup_time(identifier, schedule)
    day = night if hour >= BACKUP_HOURS[0] else night + timedelta(days=1)
    begins = make_aware(datetime.combine(day, time(hour, minute)))
    ends = make_aware(datetime.combine(night + timedelta(days=1), time(BACKUPS_END_HOUR)))
    return begins <= now < ends


def make_key(identifier: str, night: date) -> str:
    """Return the idempotency key of one instance's backup of one night."""
    return f"nightly:{identifier}:{night.isoformat()}"
