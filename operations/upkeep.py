"""Makes run again what should run: after the machine was restarted, or when a server of an active instance died.

Asked as an ordinary operation, so that it is seen, locked and recorded like any other. An instance that keeps falling
is left alone after a few times an hour: a person must look.
"""

import dataclasses
import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet
from domain.specs import ComponentPhase, ObservedComponent
from domain.states import InstanceState, OperationKind
from engine.registry import get_engine
from operations.fleets import observe_fleets
from operations.losses import SETTLED, find_loss, record_loss
from operations.models import Operation
from operations.recovery import is_well, may_recover
from operations.requests import request_operation
from operations.room import record_rooms
from tenants.models import Instance
from tenants.specs import select_wanted_components

log = logging.getLogger("operations")

REQUESTER = "manager"
RESTARTS_PER_HOUR = 3
_STOPPED = ObservedComponent(phase=ComponentPhase.STOPPED)


def restart_fallen_instances(*, now: datetime) -> list[str]:
    """Ask for a resume of every active instance of which a wanted component does not run; return their identifiers. One
    whose data is gone is not made again empty: that is noted on its row, for a person to decide. A failed one that is
    well again is resumed too, and active from then on.

    An instance held by an operation is left alone; one instance's fault stops no other's look. Each engine is looked
    at once, and one that does not answer costs only its own instances their look.
    """
    held = Operation.objects.filter(lock=OuterRef("identifier"))
    looked_at = [*SETTLED, InstanceState.FAILED.value]
    instances = list(Instance.objects.filter(~Exists(held), state__in=looked_at).defer("secrets"))
    fleets = observe_fleets({instance.engine for instance in instances})
    seen = [(row, fleets[row.engine]) for row in instances]
    record_rooms({row.pk: fleet.find_own(row.identifier) for row, fleet in seen if fleet is not None})
    restarted = []
    for instance in instances:
        fleet = fleets[instance.engine]
        try:
            if fleet is not None and _needs_resume(instance, fleet) and _may_restart(instance, now=now):
                request_operation(kind=OperationKind.RESUME, instance=instance, requested_by=REQUESTER)
                restarted.append(instance.identifier)
        except CiviparoisseError as error:
            log.warning("upkeep of %s: %s %s", instance.identifier, error.code, error.params)
    return restarted


def _needs_resume(instance: Instance, fleet: ObservedFleet) -> bool:
    """Return whether an active instance has fallen, or a failed one is well again."""
    if instance.state == InstanceState.FAILED:
        return is_well(instance, fleet) and may_recover(instance)
    return not _is_lost(instance, fleet) and instance.state == InstanceState.ACTIVE and _has_fallen(instance, fleet)


def _is_lost(instance: Instance, fleet: ObservedFleet) -> bool:
    """Return whether its data is gone, by two looks, and note it."""
    if find_loss(instance, fleet) is None:
        return False
    seen = get_engine(instance.engine).observe(instance.identifier)
    taken = fleet.is_taken(instance.identifier)
    alone = fleet if taken else dataclasses.replace(fleet, instances={instance.identifier: seen})
    error = find_loss(instance, alone)
    return error is not None and record_loss(instance, error, seen)


def _has_fallen(instance: Instance, fleet: ObservedFleet) -> bool:
    observed = fleet.instances.get(instance.identifier)
    seen = observed.components if observed is not None else {}
    down = (ComponentPhase.STOPPED, ComponentPhase.FAILED)
    return any(seen.get(name, _STOPPED).phase in down for name in select_wanted_components(instance))


def _may_restart(instance: Instance, *, now: datetime) -> bool:
    recent = Operation.objects.filter(
        instance=instance,
        kind=OperationKind.RESUME,
        requested_by=REQUESTER,
        # Not what was asked while the clock was ahead: it would count for as long.
        created_at__range=(now - timedelta(hours=1), now + timedelta(minutes=5)),
    )
    if recent.count() < RESTARTS_PER_HOUR:
        return True
    log.error("upkeep of %s: it fell %d times within an hour, look at its logs", instance.identifier, RESTARTS_PER_HOUR)
    return False
