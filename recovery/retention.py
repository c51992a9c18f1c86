"""Which archives of the manager stay at a destination, and the removal of the others. Never asked during a restore."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from domain.errors import CiviparoisseError
from offsite.models import Destination
from programs.offsite.carrier import Carrier
from programs.run.failures import ProgramError
from programs.sets.retention import HeldSet, RetentionRule, decide_retention
from recovery.making import get_manager_id
from recovery.models import ManagerArchive, ManagerCopy
from recovery.places import make_path, reaching

log = logging.getLogger("recovery")

# Every quarter of an hour for two days, then fewer: some two hundred and twenty small objects.
RULE = RetentionRule(keep_last=8, keep_within_days=2, keep_daily=14, keep_weekly=8, keep_monthly=12)
# A lock that holds an archive is asked again after this.
HELD = timedelta(days=1)


def prune_archives(*, now: datetime) -> int:
    """Remove from each destination in use the archives that the rule lets go; return how many went. What a lock holds
    is asked again a day later; a destination that does not answer, the next time."""
    removed = 0
    for row in Destination.objects.filter(enabled=True):
        leaving = [
            copy for copy in select_leaving(row, now=now) if not copy.next_attempt_at or copy.next_attempt_at <= now
        ]
        if not leaving:
            continue
        try:
            with reaching(row) as carrier:
                removed += remove(carrier, leaving, now=now)
        except CiviparoisseError as error:
            log.warning("archives at %s are not pruned: %s", row.name, error.params)
    # Rows of archives that are nowhere any more; the newest stays, since it tells what is to be mended.
    newest = list(ManagerArchive.objects.values_list("pk", flat=True)[:1])
    anywhere = Q(copies__gone_at=None) & ~Q(copies__checked_at=None)
    there = ManagerArchive.objects.filter(anywhere).values("pk")
    ManagerArchive.objects.exclude(pk__in=there).exclude(pk__in=newest).delete()
    return removed


def select_leaving(destination: Destination, *, now: datetime) -> list[ManagerCopy]:
    """Return the copies of a destination that the rule lets go."""
    rows = ManagerCopy.objects.filter(destination=destination, gone_at=None).exclude(checked_at=None)
    copies = {copy.archive.name: copy for copy in rows.select_related("archive")}
    held = [
        HeldSet(backup_id=name, started_at=copy.archive.made_at, scope="manager", good=True)
        for name, copy in copies.items()
    ]
    decisions = decide_retention(held, RULE, now=now, timezone=ZoneInfo(settings.TIME_ZONE))
    return [copies[one.held.backup_id] for one in decisions if not one.keep]


def remove(carrier: Carrier, leaving: Sequence[ManagerCopy], *, now: datetime) -> int:
    """Remove copies from their destination; return how many went. Raise ProgramError when it does not answer."""
    removed, manager = 0, get_manager_id()
    for copy in leaving:
        try:
            carrier.delete(make_path(manager, copy.archive.name))
        except ProgramError as error:
            if error.code == "object_held":
                ManagerCopy.objects.filter(pk=copy.pk).update(next_attempt_at=now + HELD)
                continue
            if error.code != "object_missing":
                raise
        ManagerCopy.objects.filter(pk=copy.pk).update(gone_at=now)
        removed += 1
    return removed
