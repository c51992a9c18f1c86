"""What is written when an operation ends: its own state, its lock, and its instance's state."""

from collections.abc import Sequence
from datetime import datetime

from domain.closed_page import Closing
from domain.states import InstanceState, OperationState, StepPhase, StepState, can_move
from operations.hooks import notify_changed
from operations.journal import record_event
from operations.models import Operation, OperationStep
from operations.progression import Finish, compute_instance_state
from operations.registry import get_kind

STATE_BEFORE_KEY = "state_before"
URL_KEY = "url"
# {code, params}: what the operation says went wrong, when that is more than its first failed step knew.
ERROR_KEY = "error"
# The state that a step saw the instance in although the operation failed: all of it runs.
STATE_AFTER_KEY = "state_after"


def finish_operation(operation: Operation, steps: Sequence[OperationStep], *, finish: Finish, now: datetime) -> None:
    """End the operation as `finish` says and free the instance. To be called inside `claims.fenced`."""
    if not can_move(OperationState(operation.state), finish.state):
        raise AssertionError(f"{operation}: {operation.state} -> {finish.state}")
    operation.state = finish.state.value
    operation.ended_at = now
    operation.message = ""
    operation.lock = None
    operation.lease_owner, operation.lease_until, operation.next_run_at = "", None, None
    failed = _find_first_failure(steps)
    if finish.state is OperationState.SUCCEEDED:
        operation.progress = 100
        operation.result = _find_result(steps)
    else:
        operation.result = {"rolled_back": finish.undone}
    if failed is not None and finish.state is OperationState.FAILED:
        told = operation.data.get(ERROR_KEY, {"code": failed.error_code, "params": failed.error_params})
        operation.error_code, operation.error_params = told["code"], told["params"]
    operation.save()
    _settle_instance(operation, finish=finish, now=now)
    level = "info" if finish.state is OperationState.SUCCEEDED else "error"
    record_event(operation, f"ended: {finish.state.value} {operation.error_code}".rstrip(), level=level)


def _settle_instance(operation: Operation, *, finish: Finish, now: datetime) -> None:
    instance = operation.instance
    if instance is None or get_kind(operation.kind).reads_only:
        return
    before = InstanceState(operation.data[STATE_BEFORE_KEY])
    rule = get_kind(operation.kind).rule
    after = compute_instance_state(finish, rule=rule, before=before)
    if finish.state is not OperationState.SUCCEEDED and STATE_AFTER_KEY in operation.data:
        after = InstanceState(operation.data[STATE_AFTER_KEY])
    instance.state = after.value
    fields = ["state", "error_code", "error_params", "closing", "back_at"]
    if instance.closing:
        # What is closed beyond the operation's end is closed until people have mended it.
        instance.closing = Closing.UNTIL_MENDED.value if after is InstanceState.FAILED else ""
        instance.back_at = None
    if after is not InstanceState.FAILED:
        instance.error_code, instance.error_params = "", {}
    elif not finish.undone and finish.state is not OperationState.SUCCEEDED and rule.on_failure is after:
        # What left things as they were, or fails no instance, also leaves the reason why this one is failed.
        cancelled = {"operation": operation.public_id, "instance": operation.subject}
        instance.error_code = operation.error_code or "operation_cancelled"
        instance.error_params = operation.error_params if operation.error_code else cancelled
    if finish.state is OperationState.SUCCEEDED and URL_KEY in operation.data:
        instance.url = operation.data[URL_KEY] or ""
        fields.append("url")
    instance.save(update_fields=fields)
    notify_changed(instance, operation=operation, now=now)


def _find_first_failure(steps: Sequence[OperationStep]) -> OperationStep | None:
    order = [StepPhase.MAIN.value, StepPhase.ROLLBACK.value, StepPhase.ALWAYS.value]
    failed = [step for step in steps if step.state == StepState.FAILED]
    return min(failed, key=lambda step: (order.index(step.phase), step.position), default=None)


def _find_result(steps: Sequence[OperationStep]) -> dict[str, object]:
    """What the last main step that had something to tell told."""
    told = [step.result for step in steps if step.phase == StepPhase.MAIN and step.result]
    return told[-1] if told else {}
