"""Whether a place takes one more instance: asked before anything begins, and told with the figures."""

import dataclasses
import logging

from django.conf import settings
from django.utils.translation import gettext as _

from domain.capacity import (
    Capacity,
    Need,
    NodeRoom,
    assign_to_nodes,
    compute_added,
    compute_capacity,
    fits_new_node,
    make_need,
    make_rooms,
)
from domain.errors import CiviparoisseError
from domain.footprints import Footprint
from domain.reservations import add_reservations
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
    need = make_need(footprint)
    rooms, most_nodes = _observe_rooms(engine, footprint)
    found = compute_capacity(rooms, need)
    new_nodes = max(0, most_nodes - len(rooms)) if fits_new_node(rooms, need, most_nodes=most_nodes) else 0
    return dataclasses.replace(found, new_nodes=new_nodes)


def refuse_if_full(instance: Instance, plan: Plan) -> None:
    """Raise CiviparoisseError `capacity_exceeded`, with the figures, when no node takes `instance` with the sizes of
    `plan`; what it holds now is counted as free. Engines that do not reserve anything (CAPACITY_UNCHECKED_ENGINES),
    and those that cannot tell their nodes, take everything."""
    if instance.engine in settings.CAPACITY_UNCHECKED_ENGINES:
        return
    footprint = compute_footprint(make_plan(plan))
    need = make_need(footprint)
    rooms, most_nodes = _observe_rooms(instance.engine, footprint, without=instance.identifier)
    if rooms and assign_to_nodes(rooms, need) is None and not fits_new_node(rooms, need, most_nodes=most_nodes):
        raise _make_refusal(instance.identifier, need, compute_capacity(rooms, need))


def tell_room(instance: Instance, plan: Plan) -> list[str]:
    """Return that `instance` would need a new node, which its place makes by itself; nothing where a node takes it, or
    nobody can tell. Raise what the engine raises."""
    if instance.engine in settings.CAPACITY_UNCHECKED_ENGINES:
        return []
    footprint = compute_footprint(make_plan(plan))
    need = make_need(footprint)
    rooms, most_nodes = _observe_rooms(instance.engine, footprint, without=instance.identifier)
    if assign_to_nodes(rooms, need) is not None or not fits_new_node(rooms, need, most_nodes=most_nodes):
        return []
    told = _(
        "No node that is there has room for %(instance)s: its engine would make a new one, which takes some minutes"
        " (%(nodes)s now, %(most)s at most)."
    )
    return [told % {"instance": instance.identifier, "nodes": len(rooms), "most": most_nodes}]


def _observe_rooms(
    engine: str, footprint: Footprint, *, without: str | None = None
) -> tuple[tuple[NodeRoom, ...], int]:
    """Return the nodes, as they will be once the instances have arrived that are on their way, and how many there
    may be at most, 0 where their number stays."""
    fleet = get_engine(engine).observe_fleet()
    rooms = make_rooms(fleet, schedules=footprint.schedules, without=without)
    there = {pod.instance for pod in fleet.pods if pod.node is not None}
    arriving = Instance.objects.filter(engine=engine, state__in=ARRIVING).exclude(identifier=without)
    for instance in arriving.select_related("plan", "release").prefetch_related("plan__containers"):
        if instance.identifier not in there:
            rooms = _place_arriving(rooms, instance)
    return rooms, fleet.most_nodes


def _place_arriving(rooms: tuple[NodeRoom, ...], instance: Instance) -> tuple[NodeRoom, ...]:
    """Return the nodes with `instance` on one of them; one that does not fit, or of which no objects can be made, takes
    nothing from others."""
    try:
        return assign_to_nodes(rooms, make_need(get_footprint(instance))) or rooms
    except CiviparoisseError as error:
        log.error("room for %s: %s %s", instance.identifier, error.code, error.params)
        return rooms


def _make_refusal(identifier: str, need: Need, capacity: Capacity) -> CiviparoisseError:
    """Return the refusal, with figures that add up: of one node, and all that is counted there."""
    open_rooms = [room for room in capacity.rooms if room.schedulable] or list(capacity.rooms)
    room = max(open_rooms, key=lambda room: (room.free.memory_bytes, room.free.cpu_millicores, room.name))
    passing = compute_added(need, room)
    return CiviparoisseError(
        "capacity_exceeded",
        instance=identifier,
        needed=str(add_reservations([need.lasting, passing])),
        lasting=str(need.lasting),
        passing=str(passing),
        volumes=need.volumes,
        node=room.name,
        free=str(room.free),
        allocatable=str(room.allocatable),
        nodes=len(capacity.rooms),
        binding=capacity.binding.value if capacity.binding else "",
    )
