"""Instances that the ledger does not know, or knows otherwise than they are, are written down: those that were there
before it, and what a listener could not write. Said as `opening`. Instances that an operation holds are left to it.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from domain.errors import CiviparoisseError
from domain.states import InstanceState
from finops.calendar import compute_second
from finops.ledger.changes import OPENING, record_backups, record_state, select_volumes, select_wanted
from finops.ledger.recorder import Recorder, end_interval
from finops.ledger.reservation import get_footprint
from finops.models import Interval, Resource
from operations.models import Operation
from tenants.deletion import GONE
from tenants.models import Instance

log = logging.getLogger("finops")

Held = Mapping[tuple[str, str], frozenset[str]]


def ensure_recorded(*, now: datetime) -> list[str]:
    """Make the ledger agree with the instances; return the identifiers for which it did not. While all is as it should
    be, nothing is written, and the number of queries does not grow."""
    held = _list_held()
    behind = _list_behind()
    corrected = []
    for instance in _select_free():
        try:
            if instance.identifier in behind or _differs(instance, held):
                _correct(instance, now=now)
                corrected.append(instance.identifier)
        except CiviparoisseError as error:
            log.error("ledger of %s: %s %s", instance.identifier, error.code, error.params)
    return corrected + _end_without_row(now)


def _select_free() -> QuerySet[Instance]:
    """Return the instances that no operation holds, with what is asked of them."""
    busy = Operation.objects.filter(lock=OuterRef("identifier"))
    left = Instance.objects.filter(pk=OuterRef("pk"), backups__pk__isnull=False).exclude(backups__state=GONE)
    rows = Instance.objects.filter(~Exists(busy)).annotate(keeps_backups=Exists(left))
    return rows.select_related("tenant", "plan", "release").prefetch_related("plan__containers").order_by("pk")


def _list_behind() -> frozenset[str]:
    """Return the instances of which a backup is not in the ledger, or is still held there although it is deleted."""
    written = Interval.objects.filter(
        instance=OuterRef("identifier"), resource=Resource.BACKUP.value, component=OuterRef("backups__backup_id")
    )
    stored = Instance.objects.filter(backups__stored_bytes__isnull=False)
    missing = stored.filter(~Exists(written))
    outlived = stored.filter(Exists(written.filter(end__isnull=True)), backups__deleted_at__isnull=False)
    return frozenset(missing.values_list("identifier", flat=True)) | frozenset(
        outlived.values_list("identifier", flat=True)
    )


def _list_held() -> Held:
    """Return what is held now: components by (instance, resource)."""
    held: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    rows = Interval.objects.filter(end__isnull=True).exclude(resource=Resource.BACKUP.value)
    for instance, resource, component in rows.values_list("instance", "resource", "component"):
        held[instance, resource].add(component)
    return {key: frozenset(components) for key, components in held.items()}


def _differs(instance: Instance, held: Held) -> bool:
    wanted = select_wanted(instance, starts={})
    servers = held.get((instance.identifier, Resource.COMPUTE.value), frozenset())
    volumes = held.get((instance.identifier, Resource.STORAGE.value), frozenset())
    if instance.state == InstanceState.FAILED:
        # What it holds was written when it failed; only one that nothing was ever written of is opened.
        return not volumes and not _is_known(instance)
    return (wanted.servers is not None and servers != set(wanted.servers)) or (
        wanted.volumes is not None and volumes != set(wanted.volumes)
    )


def _is_known(instance: Instance) -> bool:
    return Interval.objects.filter(instance=instance.identifier, resource=Resource.STORAGE.value).exists()


def _correct(instance: Instance, *, now: datetime) -> None:
    with transaction.atomic():
        # Held until the end: an operation is requested under the same lock.
        row = Instance.objects.select_for_update().get(pk=instance.pk)
        if Operation.objects.filter(lock=row.identifier).exists():
            return
        record_state(row, operation=None, now=now)
        if row.state == InstanceState.FAILED and not _is_known(row):
            _open_failed(row, now=now)
        record_backups(row, now=now)


def _open_failed(instance: Instance, *, now: datetime) -> None:
    """Take its volumes for held; whether its servers are, nobody knows here: the engine does (finops.ledger.live)."""
    Recorder(instance, now=now, why=OPENING).hold(Resource.STORAGE, select_volumes(get_footprint(instance)))


def _end_without_row(now: datetime) -> list[str]:
    """End what is held by instances whose rows are gone; they go only once nothing of them is left."""
    with transaction.atomic():
        there = Instance.objects.filter(identifier=OuterRef("instance"))
        rows = list(Interval.objects.filter(~Exists(there), end__isnull=True))
        for row in rows:
            end_interval(row, compute_second(now))
    return sorted({row.instance for row in rows})
