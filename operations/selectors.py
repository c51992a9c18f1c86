"""Reads operations for the doors: admin, REST, commands."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from domain.errors import NotFound, render_error
from domain.states import ACTIVE_OPERATION_STATES
from domain.words import word_progress
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


def operation_as_dict(operation: Operation) -> dict[str, Any]:
    """Return the operation as every door shows it: JSON values, times in ISO 8601 with their zone."""
    return {
        "id": operation.public_id,
        "kind": operation.kind,
        "instance": operation.subject,
        "state": operation.state,
        "progress": operation.progress,
        "message": word_progress(operation.message),
        "cancel_requested": operation.cancel_requested,
        "requested_by": operation.requested_by,
        "parameters": operation.parameters,
        "steps": [_step_as_dict(operation, step) for step in operation.steps.all()],
        "error": make_error(operation.error_code, operation.error_params),
        "result": operation.result,
        "created_at": _format_time(operation.created_at),
        "started_at": _format_time(operation.started_at),
        "ended_at": _format_time(operation.ended_at),
        "next_run_at": _format_time(operation.next_run_at),
    }


def _step_as_dict(operation: Operation, step: OperationStep) -> dict[str, Any]:
    return {
        "name": step.name,
        "label": get_step_label(operation, step),
        "phase": step.phase,
        "state": step.state,
        "progress": step.progress,
        "message": word_progress(step.message),
        "attempt": step.attempt,
        "error": make_error(step.error_code, step.error_params),
        "result": step.result,
        "started_at": _format_time(step.started_at),
        "ended_at": _format_time(step.ended_at),
    }


def _format_time(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
