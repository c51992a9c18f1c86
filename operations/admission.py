"""Whether there is room for what an operation would hold: told by a higher layer, which knows what is free."""

from collections.abc import Callable
from typing import Any

from domain.states import InstanceState
from operations.parameters import OVER_CAPACITY
from tenants.models import Instance, Plan
from tenants.registry import get_plan

# (instance, plan): raises CiviparoisseError `capacity_exceeded` when no node takes the instance with that plan.
CapacityCheck = Callable[[Instance, Plan], None]
_checks: list[CapacityCheck] = []


def register_capacity_check(check: CapacityCheck) -> None:
    """Have `check` asked before an instance gets sizes. Called by the `ready` of the app that knows what is free."""
    if check not in _checks:
        _checks.append(check)


def refuse_without_room(instance: Instance, parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError `capacity_exceeded` when no node takes `instance` with its plan, or with the one that the
    parameters name, unless `over_capacity` says that this is known. A suspended instance holds nothing before it is
    resumed."""
    if parameters.get(OVER_CAPACITY) or instance.state == InstanceState.SUSPENDED:
        return
    plan = get_plan(parameters["plan"]) if "plan" in parameters else instance.plan
    for check in _checks:
        check(instance, plan)
