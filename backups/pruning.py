"""Pruning by itself: what policies let go is removed by ordinary operations, asked for by the manager; and what is kept
of a deleted instance, all of it at once when its time is over."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from backups.holders import list_holders
from backups.models import Backup, BackupPolicy, BackupState
from backups.policies import find_policies
from backups.retention import decide_for
from backups.selectors import list_held_sets_of
from domain.errors import CiviparoisseError
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.requests import request_operation
from programs.sets.retention import RetentionRule, compute_end, decide_retention
from tenants.models import Instance

log = logging.getLogger("backups")

REQUESTER = "manager"
# After a pruning of its own that failed: people look first.
PAUSE = timedelta(hours=6)
# A pruning asked for by itself removes so many sets at most, the oldest first; the next look asks for the rest.
MOST_AT_ONCE = 50
STATES = (InstanceState.ACTIVE.value, InstanceState.SUSPENDED.value)


def request_prunings(*, now: datetime) -> list[str]:
    """Ask for the removal of what policies let go; return the identifiers of the instances concerned.

    Nothing goes from an instance that is failed or busy, nor where a newer good set is missing (the rule sees to that).
    One instance's fault stops no other's pruning.
    """
    if not settings.PRUNING:
        return []
    rows = Instance.objects.filter(state__in=STATES, pk__in=_select_held().values("instance")).defer("secrets")
    busy = set(Operation.objects.filter(lock__isnull=False).values_list("instance", flat=True))
    failed = Operation.objects.filter(kind=OperationKind.PRUNE, requested_by=REQUESTER, state=OperationState.FAILED)
    busy |= set(failed.filter(ended_at__gt=now - PAUSE).values_list("instance", flat=True))
    idle = [row for row in rows.order_by("identifier") if row.pk not in busy]
    rules = {pk: policy.make_rule() for pk, policy in find_policies(idle).items()}
    suspects = _list_suspects(idle, rules, now=now)
    return [row.identifier for row in suspects if _request(row, select_let_go(row, rules[row.pk], now=now))]


def _list_suspects(rows: list[Instance], rules: dict[int, RetentionRule], *, now: datetime) -> list[Instance]:
    """Return the instances from which something would go if nobody read it: who reads is asked for these alone, and
    can only keep more."""
    sets, zone = list_held_sets_of(rows), get_default_timezone()
    return [
        row
        for row in rows
        if not all(one.keep for one in decide_retention(sets[row.pk], rules[row.pk], now=now, timezone=zone))
    ]


def request_purges(*, now: datetime) -> list[str]:
    """Ask for the removal of what is kept of deleted instances, once its time by policy is over; return the
    identifiers of the instances concerned."""
    if not settings.PRUNING:
        return []
    rows = Instance.objects.filter(state=InstanceState.DELETED.value, pk__in=_select_held().values("instance"))
    deleted = list(rows.defer("secrets").order_by("identifier"))
    policies = find_policies(deleted)
    kept: dict[int, list[Backup]] = {row.pk: [] for row in deleted}
    for backup in _select_held().filter(instance__in=list(kept)):
        kept[backup.instance_id].append(backup)
    return [
        row.identifier
        for row in deleted
        if _is_over(row, policies[row.pk], kept[row.pk], now=now) and _request_purge(row)
    ]


def find_purge_time(instance: Instance, policy: BackupPolicy, held: list[Backup] | None = None) -> datetime | None:
    """Return when what is kept of a deleted instance goes by itself; None where nothing is kept, or somebody pinned a
    set without an end. `held`: its sets that are still there, None to look them up."""
    held = list(_select_held().filter(instance=instance)) if held is None else held
    if instance.state != InstanceState.DELETED or instance.purged_at is None or not held:
        return None
    ends = [compute_end(instance.purged_at, policy.final_days, timezone=get_default_timezone())]
    pinned = [row.pinned_until for row in held if row.pinned_at is not None]
    return None if None in pinned else max([*ends, *(until for until in pinned if until is not None)])


def _is_over(instance: Instance, policy: BackupPolicy, held: list[Backup], *, now: datetime) -> bool:
    ends_at = find_purge_time(instance, policy, held)
    if ends_at is None or now < ends_at:
        return False
    return not list_holders(row.backup_id for row in held)


def _select_held() -> QuerySet[Backup]:
    return Backup.objects.filter(state__in=[BackupState.GOOD, BackupState.FAILED], stored_bytes__isnull=False)


def _request_purge(instance: Instance) -> bool:
    """Ask for it; return whether it was taken. What forbids it is only logged: it is asked again later."""
    # Confirmed by who chose how long the policy keeps final copies.
    parameters = {"final_backup": False, "purge_backups": True, "confirm": instance.identifier}
    try:
        request_operation(kind=OperationKind.DELETE, instance=instance, requested_by=REQUESTER, parameters=parameters)
    except CiviparoisseError as error:
        log.warning("purge of what is kept of %s: %s %s", instance.identifier, error.code, error.params)
        return False
    return True


def select_let_go(instance: Instance, rule: RetentionRule, *, now: datetime) -> list[str]:
    """Return the sets of the instance that the rule lets go, the oldest first, at most MOST_AT_ONCE."""
    decisions = decide_for(instance, rule, now=now)
    return [decision.held.backup_id for decision in decisions if not decision.keep][:MOST_AT_ONCE]


def _request(instance: Instance, backup_ids: list[str]) -> bool:
    """Ask for it; return whether it was taken. What forbids it is only logged: it is asked again later."""
    if not backup_ids:
        return False
    # The policy was confirmed by who chose it; the operation keeps the exact list.
    parameters = {"backup_ids": backup_ids, "confirm": instance.identifier}
    try:
        request_operation(kind=OperationKind.PRUNE, instance=instance, requested_by=REQUESTER, parameters=parameters)
    except CiviparoisseError as error:
        log.warning("pruning of %s: %s %s", instance.identifier, error.code, error.params)
        return False
    return True
