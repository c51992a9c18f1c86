"""Whether there is room for what an operation would hold: told by a higher layer, which knows what is free."""

from collections.abc import Callable
from typing import Any

from domain.states import InstanceState
from operations.parameters import OVER_CAPACITY, describe_provision
from tenants.models import Instance, Plan
from tenants.registry import get_plan

# (instance, plan): raises CiviparoisseError `capacity_exceeded` when no node takes the instance with that plan.
CapacityCheck = Callable[[Instance, Plan], None]
# (instance, plan): returns what is to be known of its room before it is asked for, in sentences.
RoomTeller = Callable[[Instance, Plan], list[str]]
_checks: list[CapacityCheck] = []
_tellers: list[RoomTeller] = []


def register_capacity_check(check: CapacityCheck) -> None:
    """Have `check` asked before an instance gets sizes. Called by the `ready` of the app that knows what is free."""
    if check not in _checks:
        _checks.append(check)


def register_room_teller(teller: RoomTeller) -> None:
    """Have `teller` asked for previews. Called as `register_capacity_check`."""
    if teller not in _tellers:
        _tellers.append(teller)


def describe_provision_and_room(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what provisioning does, in sentences, and what room it takes that is not there yet."""
    return [*describe_provision(instance, parameters), *describe_room(instance, parameters)]


def describe_room(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what is to be known of the room for `instance` with its plan, or with the one that the parameters name."""
    if instance.state == InstanceState.SUSPENDED:
        return []
    plan = _find_plan(instance, parameters)
    return [sentence for teller in _tellers for sentence in teller(instance, plan)]


def _find_plan(instance: Instance, parameters: dict[str, Any]) -> Plan:
    return get_plan(parameters["plan"]) if "plan" in parameters else instance.plan


def refuse_without_room(instance: Instance, parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError `capacity_exceeded` when no node takes `instance` with its plan, or with the one that the
    parameters name, unless `over_capacity` says that this is known. A suspended instance holds nothing before it is
    resumed."""
    if parameters.get(OVER_CAPACITY) or instance.state == InstanceState.SUSPENDED:
        return
    plan = _find_plan(instance, parameters)
    for check in _checks:
        check(instance, plan)
