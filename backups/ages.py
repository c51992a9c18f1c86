"""How old the last good whole backup is, for lists: one sub-query, and how bad an age is; and of when the newest set is
that is elsewhere too, as a higher layer knows."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from backups.freshness import Level, is_in_future
from backups.models import Backup, BackupReason, BackupScope, BackupState
from backups.policies import find_policies_of, get_thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """`protected_at`: when the newest set began of which a checked copy is elsewhere, None: there is none. `is_late`: a
    newer one should be elsewhere by now, or a copy is damaged."""

    protected_at: datetime | None
    is_late: bool


# (keys of instances, now) -> their protection; nothing where sets are not to be elsewhere.
FindProtection = Callable[[Collection[int], datetime], dict[int, Protection]]
_finders: list[FindProtection] = []


def register_protection(find: FindProtection) -> None:
    """Have `find` asked whether sets are elsewhere. Called once by the app that knows."""
    _finders[:] = [find]


def find_protection(keys: Collection[int], *, now: datetime) -> dict[int, Protection]:
    """Return the protection of each of these instances whose sets are to be elsewhere too, by its key."""
    return {key: found for find in _finders for key, found in find(keys, now).items()}


def make_last_good(outer: str) -> Subquery:
    """Return, for a query of other rows, the start of the last backup an instance could be rebuilt from.

    `outer`: the path from those rows to the instance, e.g. "pk". Same choice as selectors.list_whole_backups.
    """
    rows = Backup.objects.filter(instance=OuterRef(outer), state=BackupState.GOOD, scope=BackupScope.FULL)
    return Subquery(rows.exclude(reason=BackupReason.SAFETY).order_by("-started_at").values("started_at")[:1])


def grade_age(good_at: datetime | None, *, now: datetime, thresholds: tuple[int, int] | None = None) -> Level:
    """Return how bad the age of a last good backup is; UNKNOWN for None, there is no backup, and in the future.

    `thresholds`: ages in hours of the instance's policy; the installation's unless given."""
    if good_at is None:
        return Level.UNKNOWN
    hours = (now - good_at).total_seconds() / 3600
    if is_in_future(hours):
        return Level.UNKNOWN
    warning, critical = thresholds or (settings.BACKUP_WARNING_HOURS, settings.BACKUP_CRITICAL_HOURS)
    if hours > critical:
        return Level.CRITICAL
    return Level.WARNING if hours > warning else Level.OK


def select_older(rows: QuerySet[Any], *, now: datetime, is_critical: bool) -> QuerySet[Any]:
    """Return the rows of instances (with `good_at`) whose last good backup is so old that their policy calls it
    critical, or only tells a warning."""
    groups: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for key, policy in find_policies_of(dict(rows.order_by().values_list("pk", "kind"))).items():
        groups[get_thresholds(policy)].append(key)
    found = Q(pk__in=[])
    for (warning, critical), keys in groups.items():
        late = Q(pk__in=keys, good_at__lt=now - timedelta(hours=critical if is_critical else warning))
        late &= Q() if is_critical else Q(good_at__gte=now - timedelta(hours=critical))
        found |= late
    return rows.filter(found)
