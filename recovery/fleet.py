"""Every lost instance again, each from its newest good set: ordinary operations, asked one after the other.

Rows say how far each one is, so that a command that was killed goes on. What is lost is looked up, never believed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from backups.elsewhere import is_elsewhere
from backups.models import Backup, BackupReason, BackupScope, BackupState
from backups.policies import find_thresholds
from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet
from domain.specs import InstanceKind, ObservedInstance
from domain.states import ENDED_OPERATION_STATES, InstanceState, OperationKind, OperationState
from operations.fleets import observe_fleets
from operations.losses import SETTLED, make_loss, record_loss
from operations.models import Operation
from operations.requests import request_operation
from recovery.mapping import Mapping
from recovery.models import RecoveredInstance, RecoveryState
from tenants.models import Instance

# Most important first.
KINDS = (InstanceKind.PRODUCTION.value, InstanceKind.SANDBOX.value)
UNDER_WAY = (RecoveryState.PROVISIONING, RecoveryState.RESTORING)
OPEN = (RecoveryState.WAITING, *UNDER_WAY)


@dataclass(frozen=True, slots=True)
class Lost:
    """An instance that should be there and is not, and the set that would bring it back."""

    instance: Instance
    wave: int
    backup: Backup | None


def find_lost(mapping: Mapping, *, only: Collection[str] = ()) -> tuple[list[Lost], list[str]]:
    """Return what is lost, the most important first, and the engines that did not answer: of their instances nothing is
    known, unless the mapping gives them another one."""
    rows = Instance.objects.exclude(state__in=[InstanceState.NEW.value, InstanceState.DELETED.value])
    rows = rows.filter(kind__in=KINDS).select_related("tenant").order_by("identifier")
    waves = compute_waves(list(rows))
    instances = [row for row in rows if not only or row.identifier in only]
    fleets = observe_fleets({row.engine for row in instances} | {*mapping.engines.values()})
    lost = []
    for row in instances:
        fleet = fleets.get(row.engine)
        if fleet is None and row.engine not in mapping.engines:
            continue
        if fleet is None or not _is_there(row, fleet):
            seen = fleet.find_own(row.identifier) if fleet else None
            lost.append(Lost(row, waves[row.pk], select_set(row, seen)))
    silent = sorted(name for name, fleet in fleets.items() if fleet is None and name not in mapping.engines)
    return sorted(lost, key=lambda one: (one.wave, one.instance.identifier)), silent


def compute_waves(instances: Collection[Instance]) -> dict[int, int]:
    """Return the wave of each instance by its key, from 1 on: production before sandboxes, and of each kind those first
    whose policy finds an old backup critical soonest."""
    hours = {key: critical for key, (_warning, critical) in find_thresholds(instances).items()}
    ranks = {row.pk: (KINDS.index(row.kind), hours[row.pk]) for row in instances}
    numbers = {rank: number for number, rank in enumerate(sorted(set(ranks.values())), 1)}
    return {key: numbers[rank] for key, rank in ranks.items()}


def _is_there(row: Instance, fleet: ObservedFleet) -> bool:
    """Return whether something is in the instance's place, also somebody else's."""
    seen = fleet.find_own(row.identifier)
    return fleet.is_taken(row.identifier) or (seen is not None and seen.exists and not seen.missing)


def select_set(instance: Instance, seen: ObservedInstance | None) -> Backup | None:
    """Return the newest whole set that is somewhere: on its volume, or at a destination."""
    rows = Backup.objects.filter(instance=instance, scope=BackupScope.FULL).exclude(reason=BackupReason.SAFETY)
    here = seen.backup_ids if seen is not None else ()
    for row in rows.select_related("instance").order_by("-started_at", "-pk"):
        if (row.state == BackupState.GOOD and row.backup_id in here) or is_elsewhere(row):
            return row
    return None


def begin(lost: Collection[Lost]) -> None:
    """Note what is to be made again; what an earlier command has begun goes on. A failed one is tried anew."""
    for one in lost:
        if not RecoveredInstance.objects.filter(instance=one.instance, state__in=OPEN).exists():
            RecoveredInstance.objects.create(instance=one.instance, wave=one.wave, backup=one.backup)


def list_open() -> list[RecoveredInstance]:
    """Return the instances that are not back yet, the most important first."""
    rows = RecoveredInstance.objects.filter(state__in=OPEN).order_by("wave", "pk")
    return list(rows.select_related("instance__tenant", "backup"))


def select_turn(rows: Collection[RecoveredInstance], *, at_most: int) -> list[RecoveredInstance]:
    """Return those that may be worked on now: of the first wave that is not over, `at_most` at once. Pure."""
    first = min((row.wave for row in rows), default=0)
    wave = [row for row in rows if row.wave == first]
    running = [row for row in wave if row.state in UNDER_WAY]
    waiting = [row for row in wave if row.state == RecoveryState.WAITING]
    return [*running, *waiting[: max(0, at_most - len(running))]]


def advance(row: RecoveredInstance, mapping: Mapping, *, requested_by: str, now: datetime) -> None:
    """Bring one instance a step further, if its operation has ended; note what is in the way."""
    try:
        if row.state == RecoveryState.WAITING:
            _provision(row, mapping, requested_by=requested_by)
            return
        operation = Operation.objects.get(public_id=row.operation)
        if operation.state not in ENDED_OPERATION_STATES:
            return
        if operation.state != OperationState.SUCCEEDED:
            _end(row, RecoveryState.FAILED, now=now, code=operation.error_code, params=operation.error_params)
        elif row.state == RecoveryState.PROVISIONING and row.backup is not None:
            _restore(row, row.backup, requested_by=requested_by)
        else:
            _end(row, RecoveryState.BACK, now=now)
    except CiviparoisseError as error:
        if error.code != "instance_busy":  # what is under way there ends first
            _end(row, RecoveryState.FAILED, now=now, code=error.code, params=error.params)


def _provision(row: RecoveredInstance, mapping: Mapping, *, requested_by: str) -> None:
    instance = row.instance
    instance.refresh_from_db()
    if instance.state in SETTLED:
        seen = ObservedInstance(identifier=instance.identifier, exists=False)
        record_loss(instance, make_loss(instance.identifier, ("everything",)), seen)
    with transaction.atomic():
        held = Instance.objects.select_for_update().get(pk=instance.pk)
        if Operation.objects.filter(lock=held.identifier).exists():
            return
        held.engine = mapping.engines.get(held.engine, held.engine)
        held.host = mapping.map_host(held.host)
        held.save(update_fields=["engine", "host"])
    instance.refresh_from_db()
    _ask(row, OperationKind.PROVISION, {}, RecoveryState.PROVISIONING, requested_by=requested_by)


def _restore(row: RecoveredInstance, backup: Backup, *, requested_by: str) -> None:
    # What a safety copy would keep is an empty site that was made a moment ago.
    asked = {"backup_id": backup.backup_id, "safety_backup": False, "confirm": row.instance.identifier}
    _ask(row, OperationKind.RESTORE, asked, RecoveryState.RESTORING, requested_by=requested_by)


def _ask(
    row: RecoveredInstance, kind: str, parameters: dict[str, object], state: RecoveryState, *, requested_by: str
) -> None:
    """Ask for an operation; a command that was killed in between asks for the same one again."""
    operation = request_operation(
        kind=kind,
        instance=row.instance,
        requested_by=requested_by,
        parameters=parameters,
        idempotency_key=f"recovery-{row.pk}-{kind}",
    )
    row.state, row.operation = state, operation.public_id
    row.save(update_fields=["state", "operation"])


def _end(
    row: RecoveredInstance,
    state: RecoveryState,
    *,
    now: datetime,
    code: str = "",
    params: dict[str, object] | None = None,
) -> None:
    row.state, row.ended_at, row.error_code, row.error_params = state, now, code, params or {}
    row.save(update_fields=["state", "ended_at", "error_code", "error_params"])
