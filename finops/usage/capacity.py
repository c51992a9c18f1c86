"""Whether a place takes one more instance: asked before anything begins, and told with the figures."""

import logging

from django.conf import settings

from domain.capacity import Capacity, Need, NodeRoom, assign_to_nodes, compute_capacity, make_need, make_rooms
from domain.errors import CiviparoisseError
from domain.footprints import Footprint
from domain.states import InstanceState
from engine.registry import get_engine
from finops.ledger.reservation import compute_footprint, get_footprint
from tenants.models import Instance, Plan
from tenants.registry import get_default_plan
from tenants.specs import make_plan

log = logging.getLogger("finops")

# Their pods are not there yet, but are about to be.
ARRIVING = (InstanceState.PROVISIONING.value, InstanceState.RESUMING.value)


def observe_capacity(engine: str, *, plan: Plan | None = None) -> Capacity:
    """Return what the engine of that name takes: how many more instances of `plan` (the default one), what stops the
    next, and its nodes. `more` is None where nodes are not told. Raise what the engine raises."""
    footprint = compute_footprint(make_plan(plan or get_default_plan()))
    return compute_capacity(_observe_rooms(engine, footprint), make_need(footprint))


def refuse_if_full(instance: Instance, plan: Plan) -> None:
    """Raise CiviparoisseError `capacity_exceeded`, with the figures, when no node takes `instance` with the sizes of
    `plan`; what it holds now is counted as free. Engines that do not reserve anything (CAPACITY_UNCHECKED_ENGINES),
    and those that cannot tell their nodes, take everything."""
    if instance.engine in settings.CAPACITY_UNCHECKED_ENGINES:
        return
    footprint = compute_footprint(make_plan(plan))
    need = make_need(footprint)
    rooms = _observe_rooms(instance.engine, footprint, without=instance.identifier)
    if rooms and assign_to_nodes(rooms, need) is None:
        raise _make_refusal(instance.identifier, need, compute_capacity(rooms, need))


def _observe_rooms(engine: str, footprint: Footprint, *, without: str | None = None) -> tuple[NodeRoom, ...]:
    """Return the nodes, as they will be once the instances have arrived that are on their way."""
    fleet = get_engine(engine).observe_fleet()
    rooms = make_rooms(fleet, schedules=footprint.schedules, without=without)
    there = {pod.instance for pod in fleet.pods if pod.node is not None}
    arriving = Instance.objects.filter(engine=engine, state__in=ARRIVING).exclude(identifier=without)
    for instance in arriving.select_related("plan", "release").prefetch_related("plan__containers"):
        if instance.identifier not in there:
            rooms = _place_arriving(rooms, instance)
    return rooms


def _place_arriving(rooms: tuple[NodeRoom, ...], instance: Instance) -> tuple[NodeRoom, ...]:
    """Return the nodes with `instance` on one of them; one that does not fit, or of which no objects can be made, takes
    nothing from others."""
    try:
        return assign_to_nodes(rooms, make_need(get_footprint(instance))) or rooms
    except CiviparoisseError as error:
        log.error("room for %s: %s %s", instance.identifier, error.code, error.params)
        return rooms


def _make_refusal(identifier: str, need: Need, capacity: Capacity) -> CiviparoisseError:
    return CiviparoisseError(
        "capacity_exceeded",
        instance=identifier,
        needed=str(need.lasting),
        volumes=need.volumes,
        free=str(capacity.largest_free),
        nodes=len(capacity.rooms),
        binding=capacity.binding.value if capacity.binding else "",
    )
