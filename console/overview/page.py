"""The first page: what needs attention, what is under way, how old each parish's backup is. A handful of queries."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backups.ages import make_last_good
from console.instances.columns import STATE_COLOURS, make_age_badge
from domain.errors import render_error
from domain.specs import InstanceKind
from domain.states import ACTIVE_OPERATION_STATES, InstanceState, OperationState
from operations.models import Operation
from operations.registry import list_next_actions
from tenants.models import Instance

SHOWN_OPERATIONS = 20


def add_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the first page's context with what the person may see. Called by unfold (appearance.py)."""
    return {**context, **make_overview(request)}


def show_overview(request: HttpRequest) -> HttpResponse:
    """Return the part of the first page that is read again. The caller checks who may come in."""
    return render(request, "civiparoisse/overview.html", make_overview(request))


def make_overview(request: HttpRequest) -> dict[str, Any]:
    """Return faults, operations under way and ages of backups; empty lists where the person may not look."""
    now = timezone.now()
    sees_instances = request.user.has_perm("tenants.view_instance")
    sees_operations = request.user.has_perm("operations.view_operation")
    sees_backups = sees_instances and request.user.has_perm("backups.view_backup")
    instances = _list_instances() if sees_instances else []
    return {
        "sees_instances": sees_instances,
        "sees_operations": sees_operations,
        "sees_backups": sees_backups,
        "faults": _list_faults(instances, with_operations=sees_operations),
        "running": _list_running() if sees_operations else [],
        "parishes": [_describe_parish(row, now=now) for row in instances if _is_production(row)]
        if sees_backups
        else [],
    }


def _list_instances() -> list[Any]:
    """Return all instances that are not deleted, with their last good backup and the last operation that ended."""
    ended = Operation.objects.filter(instance=OuterRef("pk"), ended_at__isnull=False).order_by("-pk")
    rows = Instance.objects.exclude(state=InstanceState.DELETED.value).select_related("tenant")
    rows = rows.defer("secrets", "tenant__smtp_password", "tenant__imap_password").order_by(
        "tenant__name", "identifier"
    )
    return list(rows.annotate(good_at=make_last_good("pk"), last_ended=Subquery(ended.values("pk")[:1])))


def _list_faults(instances: list[Any], *, with_operations: bool) -> list[dict[str, Any]]:
    """Return one fault an instance: it is failed, or the last thing asked of it failed."""
    lasts = Operation.objects.filter(
        pk__in=[row.last_ended for row in instances if row.last_ended], state=OperationState.FAILED.value
    )
    failed = {operation.pk: operation for operation in lasts.defer("data", "result", "parameters")}
    faults = []
    for row in instances:
        operation = failed.get(row.last_ended)
        is_failed = row.state == InstanceState.FAILED
        if not is_failed and operation is None:
            continue
        code, params = (row.error_code, row.error_params) if is_failed and row.error_code else ("", {})
        if not code and operation is not None:
            code, params = operation.error_code, operation.error_params
        message, hint = render_error(code, params) if code else ("", "")
        faults.append(
            {
                "instance": row,
                "colour": STATE_COLOURS[row.state],
                "operation": operation if with_operations else None,
                "message": message,
                "hint": hint,
                "can_act": bool(list_next_actions(InstanceState(row.state))),
            }
        )
    return faults


def _list_running() -> list[Operation]:
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    rows = Operation.objects.filter(state__in=active).defer("data", "result", "parameters").order_by("-pk")
    return list(rows[:SHOWN_OPERATIONS])


def _is_production(instance: Instance) -> bool:
    return instance.kind == InstanceKind.PRODUCTION


def _describe_parish(instance: Any, *, now: datetime) -> dict[str, Any]:
    return {
        "instance": instance,
        "colour": STATE_COLOURS[instance.state],
        "good_at": instance.good_at,
        "age": make_age_badge(instance.state, instance.good_at, now=now),
    }
