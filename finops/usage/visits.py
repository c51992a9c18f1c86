"""A look a day at the visits of every active instance.

It costs one reading of the page and one of the web server's log for each instance and day, spread over the hours of the
day: of a thousand instances some forty an hour. A log begins with its pod: what was asked between the last look and a
new pod is not seen. Robots visit as people do.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from domain.errors import CiviparoisseError
from domain.schedules import compute_slot
from domain.specs import ObservedVisits
from domain.states import InstanceState
from engine.registry import get_engine
from finops.usage.idleness import VISITS_TRUSTED
from operations.models import Operation
from tenants.models import Activity, Instance
from tenants.specs import attach_backup_terms, make_instance_spec, select_wanted_components

log = logging.getLogger("finops")

HOURS = 24
# What came while the last log was being read, and what the clocks differ by.
OVERLAP = timedelta(minutes=10)
# So many are read together: those that an operation holds meanwhile are left out of the next ones.
LOOKED_AT_ONCE = 20


def record_visits(*, now: datetime) -> list[str]:
    """Look at the active instances whose hour it is and that no operation holds; return the identifiers of those that
    answered. One that does not answer is logged, and keeps what was known of it."""
    hour = int(now.timestamp()) // 3600 % HOURS
    answered = []
    names = [name for name in _list_free().values_list("identifier", flat=True) if _is_turn(name, hour)]
    for first in range(0, len(names), LOOKED_AT_ONCE):
        seen = _look(names[first : first + LOOKED_AT_ONCE])
        note_visits(seen, now=now)
        answered += [instance.identifier for instance, _seen in seen]
    return answered


def _look(names: list[str]) -> list[tuple[Instance, ObservedVisits]]:
    """Return what is seen of those that are still free and that answer."""
    # Again: meanwhile an operation may have begun.
    free = list(_list_free().filter(identifier__in=names).prefetch_related("plan__containers"))
    attach_backup_terms(free)
    found = []
    for instance in free:
        try:
            found.append((instance, _observe(instance)))
        except CiviparoisseError as error:
            log.warning("visits of %s: %s %s", instance.identifier, error.code, error.params)
    return found


def _is_turn(identifier: str, hour: int) -> bool:
    return compute_slot(identifier, "visits", HOURS) == hour


def _list_free() -> QuerySet[Instance, Any]:
    held = Operation.objects.filter(lock=OuterRef("identifier"))
    rows = Instance.objects.filter(~Exists(held), state=InstanceState.ACTIVE.value)
    return rows.select_related("tenant", "plan", "release", "activity").order_by("identifier")


def _observe(instance: Instance) -> ObservedVisits:
    known: Activity | None = getattr(instance, "activity", None)
    looked_at = known.visits_looked_at if known is not None else None
    spec = make_instance_spec(instance, components=select_wanted_components(instance))
    since = instance.created_at if looked_at is None else looked_at - OVERLAP
    return get_engine(instance.engine).observe_visits(spec, since=since)


def note_visits(seen: Sequence[tuple[Instance, ObservedVisits]], *, now: datetime) -> None:
    """Note what looks at `now` saw. May be repeated; an earlier look, or an earlier visit, changes nothing."""
    found = {instance.pk: visits for instance, visits in seen}
    known = set(Activity.objects.filter(instance__in=list(found)).values_list("instance", flat=True))
    missing = [Activity(instance_id=pk) for pk in found if pk not in known]
    Activity.objects.bulk_create(missing, ignore_conflicts=True)
    with transaction.atomic():
        rows = list(Activity.objects.select_for_update().filter(instance__in=list(found)).order_by("pk"))
        older = [row for row in rows if row.visits_looked_at is None or now > row.visits_looked_at]
        for row in older:
            _note(row, found[row.instance_id], now=now)
        Activity.objects.bulk_update(older, ["visits_counted_since", "visits_looked_at", "visited_at"])


def _note(row: Activity, seen: ObservedVisits, *, now: datetime) -> None:
    is_unbroken = row.visits_looked_at is not None and now - row.visits_looked_at <= VISITS_TRUSTED
    began = row.visits_counted_since if is_unbroken else None
    row.visits_counted_since = (began or now) if seen.is_counted else None
    row.visits_looked_at = now
    if seen.visited_at is not None and (row.visited_at is None or seen.visited_at > row.visited_at):
        row.visited_at = seen.visited_at
