"""The ledger: who held what, from when to when. Written with each change of an instance's state, in its transaction.

Nothing is sampled that is known: servers and volumes follow from the state and the plan, backups from their rows.
Runs (jobs, crons) are in finops/ledger/runs.py.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from domain.errors import CiviparoisseError
from domain.footprints import Footprint
from domain.states import InstanceState
from finops.calendar import compute_second
from finops.ledger.recorder import Amounts, Opening, Recorder
from finops.ledger.reservation import get_footprint
from finops.models import Interval, Resource
from operations.models import Operation
from operations.registry import get_kind
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


def prepare_footprint(instance: Instance) -> None:
    """Have the objects of the instance's plan rendered, and what they take kept, before its row is held."""
    with suppress(CiviparoisseError):  # `record_change` tells it
        get_footprint(instance)


def record_change(instance: Instance, *, operation: Operation, now: datetime) -> None:
    """Write what `instance` holds from `now` on, an operation having begun or ended on it. A plan of which no objects
    can be made changes nothing: the operation itself fails with the reason, and finops.ledger.reconcile looks again."""
    try:
        with transaction.atomic():
            record_state(instance, operation=operation, now=now)
    except CiviparoisseError as error:
        log.error("ledger of %s: %s %s", instance.identifier, error.code, error.params)
    record_backups(instance, now=now)


def record_step(instance: Instance, *, operation: Operation, step: str, now: datetime) -> None:
    """Write that the servers of `instance` hold nothing any more once a suspension or a deletion has stopped them: a
    deletion that can be undone waits for days before it purges."""
    definition = get_kind(operation.kind).find_step(step)
    if definition is not None and definition.stops_servers:
        why = f"{operation.kind} {operation.public_id}"
        Recorder(instance, now=now, why=why).hold(Resource.COMPUTE, {})


def record_state(instance: Instance, *, operation: Operation | None, now: datetime) -> None:
    """Write what servers and volumes `instance` holds from `now` on, by its state. `operation`: None when nothing has
    happened and the ledger only catches up. Raise CiviparoisseError when no objects can be made of its plan."""
    why = OPENING if operation is None else f"{operation.kind} {operation.public_id}"
    applied = operation is not None and get_kind(operation.kind).has_applied_plan(operation.data)
    recorder = Recorder(instance, now=now, why=why, changes_sizes=applied)
    starts = _find_starts(operation)
    wanted = select_wanted(instance, starts=starts)
    if wanted.servers is not None:
        # A server that started before a provisioning failed is held beside whatever was.
        let_go = instance.state != InstanceState.FAILED
        recorder.hold(Resource.COMPUTE, wanted.servers, since=starts, let_go=let_go)
    if wanted.volumes is not None:
        recorder.hold(Resource.STORAGE, wanted.volumes, let_go_at=instance.purged_at)


class Wanted(NamedTuple):
    """What an instance should hold, by component; None: as it was."""

    servers: dict[str, Amounts] | None
    volumes: dict[str, Amounts] | None


def select_wanted(instance: Instance, *, starts: Mapping[str, datetime]) -> Wanted:
    """Return what `instance` holds by its state and plan. `starts`: the servers that the operation has started.

    The plan's containers may be prefetched. Raise CiviparoisseError when no objects can be made.
    """
    state = InstanceState(instance.state)
    footprint = get_footprint(instance)
    servers = _select_servers(footprint)
    held = SERVERS_HELD.get(state)
    if held is None:
        begun = {name: amounts for name, amounts in servers.items() if name in starts}
        running = begun if state is InstanceState.FAILED and begun else None
    else:
        running = servers if held else {}
    kept = VOLUMES_HELD.get(state)
    return Wanted(running, None if kept is None else _select_volumes(instance, footprint, wanted=kept))


def _select_servers(footprint: Footprint) -> dict[str, Amounts]:
    return {name: Amounts(held.cpu_millicores, held.memory_bytes) for name, held in footprint.servers.items()}


def _select_volumes(instance: Instance, footprint: Footprint, *, wanted: bool) -> dict[str, Amounts]:
    volumes = select_volumes(footprint)
    if wanted:
        return volumes
    # What a deletion leaves when backups are kept.
    kept = instance.state == InstanceState.DELETED and _keeps_backups(instance)
    return {name: amounts for name, amounts in volumes.items() if kept and name == BACKUPS_VOLUME}


def select_volumes(footprint: Footprint) -> dict[str, Amounts]:
    """Return what an instance's volumes hold, by name."""
    return {name: Amounts(storage_bytes=size) for name, size in footprint.volumes.items()}


def _keeps_backups(instance: Instance) -> bool:
    """Return whether a backup of the instance is left; for many at once, finops.ledger.reconcile has asked before."""
    known: bool | None = getattr(instance, "keeps_backups", None)
    return instance.backups.exclude(state=GONE).exists() if known is None else known


def _find_starts(operation: Operation | None) -> dict[str, datetime]:
    """Return since when the servers that the operation started hold what they need."""
    if operation is None:
        return {}
    starting = {step.name: step.starts.value for step in get_kind(operation.kind).steps if step.starts is not None}
    begun = operation.steps.filter(name__in=starting).values_list("name", "started_at") if starting else ()
    return {starting[name]: start for name, start in begun if start is not None}


def record_backups(instance: Instance, *, now: datetime) -> None:
    """Write the stored bytes of the instance's backups: each from its beginning until it was deleted."""
    recorder = Recorder(instance, now=now, why="backup")
    rows = {row.backup_id: row for row in instance.backups.exclude(stored_bytes=None)}
    known = dict(_select(instance, Resource.BACKUP).values_list("component", "end"))
    new = [backup_id for backup_id in sorted(rows) if backup_id not in known]
    recorder.open(
        Resource.BACKUP,
        [
            Opening(name, Amounts(storage_bytes=rows[name].stored_bytes or 0), compute_second(rows[name].started_at))
            for name in new
        ],
    )
    known |= dict.fromkeys(new)
    for backup_id, row in sorted(rows.items()):
        if row.deleted_at is not None and known[backup_id] is None:
            recorder.close(Resource.BACKUP, backup_id, end=compute_second(row.deleted_at))


def _select(instance: Instance, resource: Resource) -> QuerySet[Interval]:
    return Interval.objects.filter(instance=instance.identifier, tenant=instance.tenant.slug, resource=resource.value)
