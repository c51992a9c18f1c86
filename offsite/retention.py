"""Which copies each destination keeps, and which it lets go: the policy's rule, place by place.

Every place keeps by itself: the newest good set of each scope that it has stays there, whatever other places have.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from backups.holders import list_holders
from backups.models import BackupState
from backups.selectors import make_held_set
from offsite.models import PROTECTING, BackupCopy, CopyState
from offsite.removal import REMOVABLE
from programs.sets.retention import Decision, HeldSet, RetentionRule, decide_retention
from tenants.models import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFate:
    """What becomes of a copy, and why."""

    copy: BackupCopy
    decision: Decision


def decide_copies(instance: Instance, rule: RetentionRule, *, now: datetime) -> list[CopyFate]:
    """Return what `rule` decides of each copy of the instance, destination by destination, the oldest first.

    A copy that is damaged takes no good one's place, and goes only with the time of its set: until then it may be made
    again. One that was never finished goes once its set is nowhere to be copied from. Destinations that are not in use
    are not looked at.
    """
    rows = list(_select_copies().filter(backup__instance=instance))
    return _decide_all(rows, list_holders({copy.backup.backup_id for copy in rows}), rule, now=now)


def list_suspects(instances: list[Instance], rules: Mapping[int, RetentionRule], *, now: datetime) -> list[Instance]:
    """Return the instances of which a copy would go now if nobody read its set: who reads can only keep more. `rules`:
    by the instances' keys. One query."""
    copies: dict[int, list[BackupCopy]] = {row.pk: [] for row in instances}
    for copy in _select_copies().filter(backup__instance__in=list(copies)):
        copies[copy.backup.instance_id].append(copy)
    return [row for row in instances if select_let_go(_decide_all(copies[row.pk], {}, rules[row.pk], now=now), now=now)]


def _select_copies() -> QuerySet[BackupCopy]:
    rows = BackupCopy.objects.filter(state__in=REMOVABLE, destination__enabled=True)
    return (
        rows.select_related("backup", "destination").defer("destination__settings").order_by("backup__started_at", "pk")
    )


def _decide_all(
    rows: Iterable[BackupCopy], holders: dict[str, tuple[str, ...]], rule: RetentionRule, *, now: datetime
) -> list[CopyFate]:
    by_place: defaultdict[str, list[BackupCopy]] = defaultdict(list)
    for copy in rows:
        by_place[copy.destination.name].append(copy)
    return [fate for _name, copies in sorted(by_place.items()) for fate in _decide(copies, holders, rule, now=now)]


def select_let_go(fates: Iterable[CopyFate], *, now: datetime) -> list[BackupCopy]:
    """Return the copies that go now: those that a lock holds are asked for again once it has ended."""
    return [
        fate.copy
        for fate in fates
        if not fate.decision.keep and (fate.copy.held_until is None or fate.copy.held_until <= now)
    ]


def _decide(
    copies: list[BackupCopy], holders: dict[str, tuple[str, ...]], rule: RetentionRule, *, now: datetime
) -> list[CopyFate]:
    timezone = get_default_timezone()
    held = {copy.backup.backup_id: _make_held(copy, holders) for copy in copies}
    decisions = decide_retention(held.values(), rule, now=now, timezone=timezone)
    # As if none were damaged: what the rule keeps then is worth making again.
    whole = [replace(one, good=True) for one in held.values()]
    worth = {one.held.backup_id: one for one in decide_retention(whole, rule, now=now, timezone=timezone) if one.keep}
    by_id = {copy.backup.backup_id: copy for copy in copies}
    fates = []
    for decision in decisions:
        copy = by_id[decision.held.backup_id]
        if copy.state == CopyState.REMOVING:
            decision = replace(decision, keep=False)
        elif not decision.keep and copy.state not in PROTECTING:
            decision = worth.get(decision.held.backup_id, decision)
            if copy.state == CopyState.WAITING and copy.backup.state == BackupState.GOOD:
                continue  # its turn has not come yet
        elif copy.state == CopyState.WAITING:
            continue
        fates.append(CopyFate(copy=copy, decision=decision))
    return fates


def _make_held(copy: BackupCopy, holders: dict[str, tuple[str, ...]]) -> HeldSet:
    held = make_held_set(copy.backup, held_by=holders.get(copy.backup.backup_id, ()))
    return replace(held, good=copy.state in PROTECTING, stored_bytes=copy.sealed_bytes or 0)
