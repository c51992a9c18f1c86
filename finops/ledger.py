"""The ledger: who held what, from when to when. Written with each change of an instance's state, in its transaction.

Nothing is sampled that is known: servers and volumes follow from the state and the plan, backups from their rows.
Runs (jobs, crons) are in finops/runs.py.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from domain.errors import CiviparoisseError
from domain.footprints import Footprint
from domain.states import InstanceState, OperationKind
from finops.models import Interval, IntervalSource, Resource
from finops.months import compute_second
from finops.reservation import get_footprint
from operations.models import Operation
from tenants.deletion import GONE
from tenants.models import Instance

log = logging.getLogger("finops")

BACKUPS_VOLUME = "backups"
OPENING = "opening"
# In other states everything stays as it was before: what is being changed is still held.
SERVERS_HELD = {
    InstanceState.NEW: False,
    InstanceState.ACTIVE: True,
    InstanceState.RESUMING: True,
    InstanceState.SUSPENDED: False,
    InstanceState.DELETED: False,
}
VOLUMES_HELD = {
    InstanceState.NEW: False,
    InstanceState.PROVISIONING: True,
    InstanceState.ACTIVE: True,
    InstanceState.RESUMING: True,
    InstanceState.SUSPENDED: True,
    InstanceState.DELETED: False,
}
# Steps of a provisioning from whose beginning on a server holds what it needs.
STARTING_STEPS = {"db": "start_database", "httpd": "start_site"}


class Amounts(NamedTuple):
    """What one thing holds."""

    cpu_millicores: int = 0
    memory_bytes: int = 0
    storage_bytes: int = 0


def record_change(instance: Instance, *, operation: Operation, now: datetime) -> None:
    """Write what `instance` holds from `now` on, an operation having begun or ended on it. A plan of which no objects
    can be made changes nothing: the operation itself fails with the reason, and `ensure_recorded` looks again."""
    try:
        with transaction.atomic():
            _record_things(instance, operation=operation, now=now)
    except CiviparoisseError as error:
        log.error("ledger of %s: %s %s", instance.identifier, error.code, error.params)
    record_backups(instance, now=now)


def _record_things(instance: Instance, *, operation: Operation | None, now: datetime) -> None:
    state = InstanceState(instance.state)
    footprint = get_footprint(instance)
    recorder = Recorder(instance, now=now, why=f"{operation.kind} {operation.public_id}" if operation else OPENING)
    servers = SERVERS_HELD.get(state)
    if servers is not None:
        recorder.hold(Resource.COMPUTE, _select_servers(footprint) if servers else {}, since=_find_starts(operation))
    elif state is InstanceState.FAILED and operation is not None and operation.kind == OperationKind.PROVISION:
        begun = _find_starts(operation)
        wanted = {name: amounts for name, amounts in _select_servers(footprint).items() if name in begun}
        recorder.hold(Resource.COMPUTE, wanted, since=begun, let_go=False)
    kept = VOLUMES_HELD.get(state)
    if kept is not None:
        volumes = _select_volumes(instance, footprint, wanted=kept)
        recorder.hold(Resource.STORAGE, volumes, let_go_at=instance.purged_at)


def _select_servers(footprint: Footprint) -> dict[str, Amounts]:
    return {name: Amounts(held.cpu_millicores, held.memory_bytes) for name, held in footprint.servers.items()}


def _select_volumes(instance: Instance, footprint: Footprint, *, wanted: bool) -> dict[str, Amounts]:
    volumes = {name: Amounts(storage_bytes=size) for name, size in footprint.volumes.items()}
    if wanted:
        return volumes
    # What a deletion leaves when backups are kept.
    kept = instance.state == InstanceState.DELETED and instance.backups.exclude(state=GONE).exists()
    return {name: amounts for name, amounts in volumes.items() if kept and name == BACKUPS_VOLUME}


def _find_starts(operation: Operation | None) -> dict[str, datetime]:
    """Return since when the servers that a provisioning started hold what they need."""
    if operation is None or operation.kind != OperationKind.PROVISION:
        return {}
    begun = dict(operation.steps.values_list("name", "started_at"))
    starts = {name: begun.get(step) for name, step in STARTING_STEPS.items()}
    return {name: start for name, start in starts.items() if start is not None}


def record_backups(instance: Instance, *, now: datetime) -> None:
    """Write the stored bytes of the instance's backups: each from its beginning until it was deleted."""
    recorder = Recorder(instance, now=now, why="backup")
    rows = {row.backup_id: row for row in instance.backups.exclude(stored_bytes=None)}
    known = dict(_select(instance, Resource.BACKUP).values_list("component", "end"))
    for backup_id, row in sorted(rows.items()):
        if backup_id not in known:
            amounts = Amounts(storage_bytes=row.stored_bytes or 0)
            recorder.open(Resource.BACKUP, backup_id, amounts, start=compute_second(row.started_at))
            known[backup_id] = None
        if row.deleted_at is not None and known[backup_id] is None:
            recorder.close(Resource.BACKUP, backup_id, end=compute_second(row.deleted_at))


def _select(instance: Instance, resource: Resource) -> QuerySet[Interval]:
    return Interval.objects.filter(instance=instance.identifier, tenant=instance.tenant.slug, resource=resource.value)


class Recorder:
    """Writes what one instance holds from one moment on."""

    def __init__(self, instance: Instance, *, now: datetime, why: str) -> None:
        self.instance = instance
        self.now = compute_second(now)
        self.why = why

    def hold(
        self,
        resource: Resource,
        wanted: Mapping[str, Amounts],
        *,
        since: Mapping[str, datetime] | None = None,
        let_go: bool = True,
        let_go_at: datetime | None = None,
    ) -> None:
        """Make exactly `wanted` (component -> amounts) held. What is held already in the same amounts goes on.

        `since`: from when on, for a component that is not held yet; else from now. `let_go`: False keeps what is not
        wanted. `let_go_at`: when that ended, if it is known better than now.
        """
        open_rows = Interval.objects.filter(
            instance=self.instance.identifier, resource=resource.value, end__isnull=True
        ).order_by("pk")
        held = {row.component: row for row in open_rows}
        ended = self.now if let_go_at is None else min(self.now, compute_second(let_go_at))
        for component, row in held.items():
            if component not in wanted and let_go:
                self._end(row, ended)
            elif component in wanted and wanted[component] != get_amounts(row):
                self._end(row, self.now)
        for component, amounts in wanted.items():
            before = held.get(component)
            if before is None or get_amounts(before) != amounts:
                began = (since or {}).get(component)
                start = self.now if began is None or before is not None else min(self.now, compute_second(began))
                storage_class = "" if before is None else before.storage_class
                self.open(resource, component, amounts, start=start, storage_class=storage_class)

    def open(
        self, resource: Resource, component: str, amounts: Amounts, *, start: int, storage_class: str = ""
    ) -> None:
        """Begin an interval; not before the end of the last one of the same thing."""
        last = Interval.objects.filter(
            instance=self.instance.identifier, resource=resource.value, component=component, end__isnull=False
        ).order_by("-end")
        ended = last.values_list("end", flat=True).first() or 0
        Interval.objects.create(
            instance=self.instance.identifier,
            tenant=self.instance.tenant.slug,
            engine=self.instance.engine,
            resource=resource.value,
            component=component,
            start=max(start, ended),
            source=IntervalSource.SPEC.value,
            why=self.why,
            storage_class=storage_class,
            open_key=make_open_key(self.instance.identifier, resource, component),
            **amounts._asdict(),
        )

    def close(self, resource: Resource, component: str, *, end: int) -> None:
        """End the open interval of one thing."""
        key = make_open_key(self.instance.identifier, resource, component)
        self._end(Interval.objects.get(open_key=key), end)

    def _end(self, row: Interval, end: int) -> None:
        """End an interval; one that lasted for less than a second never was."""
        if end <= row.start:
            row.delete()
        else:
            Interval.objects.filter(pk=row.pk).update(end=end, open_key=None)


def get_amounts(row: Interval) -> Amounts:
    """Return what an interval holds."""
    return Amounts(row.cpu_millicores, row.memory_bytes, row.storage_bytes)


def make_open_key(identifier: str, resource: Resource, component: str) -> str:
    """Return what names a thing while it is held."""
    return f"{identifier}/{resource.value}/{component}"
