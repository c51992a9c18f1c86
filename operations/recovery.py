"""Failed instances that are well again: their node came back, somebody mended what was wrong.

They are looked at with the others, and resumed by an ordinary operation, which puts back what is missing.
"""

from domain.errors import NotFound
from domain.fleet import ObservedFleet
from domain.specs import Component, ComponentPhase
from domain.states import InstanceState, OperationState
from operations.losses import find_loss
from operations.models import Operation
from operations.registry import get_kind
from tenants.models import Instance
from tenants.specs import select_wanted_components

# What an instance is failed with that no server that runs again mends.
LASTING = frozenset({"instance_lost", "namespace_foreign", "purge_incomplete", "init_incomplete"})


def may_recover(instance: Instance) -> bool:
    """Return whether the failure of a failed instance permits that it becomes active by itself: its data is what it was
    before. One query."""
    if instance.state != InstanceState.FAILED or instance.error_code in LASTING or not instance.url:
        return False
    ended = Operation.objects.filter(instance=instance, state__in=[OperationState.FAILED, OperationState.CANCELLED])
    for last in ended.order_by("-ended_at", "-pk"):
        try:
            kind = get_kind(last.kind)
        except NotFound:
            return False
        if kind.rule.on_failure is InstanceState.FAILED:
            return kind.leaves_data
    return False


def is_well(instance: Instance, fleet: ObservedFleet) -> bool:
    """Return whether all runs that should. Pure."""
    seen = fleet.find_own(instance.identifier)
    if seen is None or not seen.initialised or find_loss(instance, fleet) is not None:
        return False
    phases = {name: component.phase for name, component in seen.components.items()}
    servers = select_wanted_components(instance)
    return all(phases.get(name) is ComponentPhase.READY for name in servers if name is not Component.CRON)
