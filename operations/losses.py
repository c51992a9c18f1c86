"""Instances whose data is gone from where it lay, without anybody having asked the manager: told, and never made again
empty. A person decides: bring it back (provision, then restore a set that is kept elsewhere), or give it up."""

import logging
from typing import Protocol

from django.db import transaction

from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet
from domain.specs import ObservedInstance
from domain.states import InstanceState
from operations.declarations import KindDefinition
from operations.endings import STATE_BEFORE_KEY
from operations.models import Operation
from tenants.models import Instance

log = logging.getLogger("operations")

# States in which an instance's data is where it was put.
SETTLED = frozenset({InstanceState.ACTIVE.value, InstanceState.SUSPENDED.value})


class LossListener(Protocol):
    """Called with the sets that are still there, in the transaction that notes the loss."""

    def __call__(self, instance: Instance, *, backup_ids: tuple[str, ...]) -> None: ...


_listeners: list[LossListener] = []


def listen_to_losses(listener: LossListener) -> None:
    """Have `listener` called for every loss. Called by the `ready` of an app."""
    if listener not in _listeners:
        _listeners.append(listener)


def is_made(instance: Instance, operation: Operation, kind: KindDefinition) -> bool:
    """Return whether the instance was provisioned before `operation`, which is not about to do so itself."""
    before = operation.data.get(STATE_BEFORE_KEY)
    return not any(step.makes_instance for step in kind.steps) and (before in SETTLED or bool(instance.url))


def find_loss(instance: Instance, fleet: ObservedFleet) -> CiviparoisseError | None:
    """Return what is to be told of an instance that should be there: `namespace_foreign` when another manager has its
    place, `instance_lost` when its data is gone, None when it is there. Pure."""
    name = instance.identifier
    seen = fleet.find_own(name)
    if fleet.is_taken(name):
        return CiviparoisseError("namespace_foreign", instance=name)
    if seen is None or not seen.exists:
        return make_loss(name, ("everything",))
    return make_loss(name, seen.missing) if seen.missing else None


def make_loss(identifier: str, missing: tuple[str, ...]) -> CiviparoisseError:
    """Return the error of an instance of which `missing` is gone."""
    return CiviparoisseError("instance_lost", instance=identifier, missing=", ".join(missing))


def record_loss(instance: Instance, error: CiviparoisseError, seen: ObservedInstance) -> bool:
    """Note on the row that its data is gone, unless an operation has begun meanwhile; return whether it was noted."""
    with transaction.atomic():
        row = Instance.objects.select_for_update().get(pk=instance.pk)
        if row.state not in SETTLED or Operation.objects.filter(lock=row.identifier).exists():
            return False
        row.state, row.error_code, row.error_params = InstanceState.FAILED.value, error.code, error.params
        row.save(update_fields=["state", "error_code", "error_params"])
        for listener in _listeners:
            listener(row, backup_ids=seen.backup_ids)
    log.error("upkeep of %s: %s %s", row.identifier, error.code, error.params)
    return True
