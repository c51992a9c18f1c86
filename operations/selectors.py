"""Reads operations for the doors: admin, REST, commands."""

from typing import Any

from django.db.models import QuerySet

from domain.errors import NotFound, render_error
from domain.states import ACTIVE_OPERATION_STATES
from operations.models import Operation, OperationStep
from operations.registry import get_kind
from tenants.models import Instance


def get_instance(identifier: str) -> Instance:
    """Return the instance of that name. Raise NotFound."""
    instance = Instance.objects.select_related("tenant", "plan", "release").filter(identifier=identifier).first()
    if instance is None:
        raise NotFound(what="instance", name=identifier)
    return instance


def get_operation(public_id: str) -> Operation:
    """Return the operation of that identifier. Raise NotFound."""
    operation = Operation.objects.filter(public_id=public_id).first()
    if operation is None:
        raise NotFound(what="operation", name=public_id)
    return operation


def list_operations(
    *, instance: str | None = None, kind: str | None = None, state: str | None = None, active: bool = False
) -> QuerySet[Operation]:
    """Return operations, newest first, narrowed by what is given."""
    rows = Operation.objects.order_by("-pk").prefetch_related("steps")
    if instance:
        rows = rows.filter(subject=instance)
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if active:
        rows = rows.filter(state__in=[state.value for state in ACTIVE_OPERATION_STATES])
    return rows


def get_step_label(operation: Operation, step: OperationStep) -> str:
    """Return what the step does, in the active language; its name when the kind no longer has it."""
    definition = get_kind(operation.kind).find_step(step.name)
    return step.name if definition is None else str(definition.label)


def make_error(code: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """Return {code, message, hint, params} of a stored error in the active language; None when there is none."""
    if not code:
        return None
    message, hint = render_error(code, params)
    return {"code": code, "message": message, "hint": hint, "params": params}
