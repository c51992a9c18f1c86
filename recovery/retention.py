"""Which archives of the manager stay at a destination, and the removal of the others. Never asked during a restore."""

import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from domain.errors import CiviparoisseError
from offsite.models import Destination
from programs.offsite.carrier import NO_END, Carrier
from programs.run.failures import ProgramError
from programs.sets.retention import HeldSet, RetentionRule, decide_retention
from recovery.making import get_manager_id
from recovery.models import ManagerArchive, ManagerCopy
from recovery.places import make_path, reaching

log = logging.getLogger("recovery")

# Every quarter of an hour for two days, then fewer: some two hundred and twenty small objects.
RULE = RetentionRule(keep_last=8, keep_within_days=2, keep_daily=14, keep_weekly=8, keep_monthly=12)
# A lock whose end nobody tells is asked again after this.
HELD = timedelta(days=1)


def prune_archives(*, now: datetime) -> int:
    """Remove from each destination in use the archives that the rule lets go; return how many went. What a lock holds
    is asked again when it ends; a destination that does not answer, the next time."""
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
    """Remove copies from their destination for good, or note until when a lock holds each (`next_attempt_at`); return
    how many went. Raise ProgramError when it does not answer."""
    removed, manager = 0, get_manager_id()
    for copy in leaving:
        until = _remove_one(carrier, make_path(manager, copy.archive.name), now=now)
        if until is None:
            ManagerCopy.objects.filter(pk=copy.pk).update(gone_at=now, next_attempt_at=None)
            removed += 1
        else:
            ManagerCopy.objects.filter(pk=copy.pk).update(next_attempt_at=until)
    if removed and carrier.place.kind == "s3":
        # Where a bucket keeps versions, a removal only hides. Some accounts may not remove versions, some places have
        # none, and what another lock still holds stays.
        with contextlib.suppress(ProgramError):
            carrier.forget_versions(make_path(manager, "").rstrip("/"))
    return removed


def _remove_one(carrier: Carrier, path: str, *, now: datetime) -> datetime | None:
    """Remove an archive; return when to ask again where a lock holds it, None when it is gone. The lock is asked for
    first: a removal would succeed by hiding the archive, which then could not be found when everything is lost."""
    end = carrier.find_lock_end(path)
    if end is not None and end > now:
        return now + HELD if end == NO_END else end
    try:
        carrier.delete(path)
    except ProgramError as error:
        if error.code == "object_held":
            return now + HELD
        if error.code != "object_missing":
            raise
    return None
