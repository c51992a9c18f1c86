"""What went wrong in an operation, for the steps that clean up after it and tell it."""

from collections.abc import Mapping
from typing import Any

from domain.states import StepPhase, StepState
from operations.models import OperationStep
from operations.outcomes import StepContext, StepFunction
from operations.registry import get_kind
from operations.steps.programs import RUN_NAME_KEY

# The cause of an operation that stopped because somebody cancelled it.
CANCELLED: dict[str, Any] = {"cause": "operation_cancelled", "detail": ""}


def find_failed(context: StepContext, phase: StepPhase) -> OperationStep | None:
    """Return the first step of `phase` that has failed for good; None when none has."""
    failed = context.operation.steps.filter(phase=phase.value, state=StepState.FAILED.value)
    return failed.order_by("position").first()


def find_step(context: StepContext, function: StepFunction) -> OperationStep | None:
    """Return the step of this operation whose work is `function`; None when its kind has none."""
    names = [step.name for step in get_kind(context.operation.kind).steps if step.function is function]
    return context.operation.steps.filter(name__in=names).first()


def has_begun(context: StepContext, function: StepFunction) -> bool:
    """Return whether the step whose work is `function` was ever started."""
    step = find_step(context, function)
    return step is not None and step.started_at is not None


def is_done(context: StepContext, function: StepFunction) -> bool:
    """Return whether the step whose work is `function` is done."""
    step = find_step(context, function)
    return step is not None and step.state == StepState.DONE


def end_runs(context: StepContext) -> None:
    """Kill what the failed steps of this operation may have left running; ended runs are ignored by the engine."""
    for step in context.operation.steps.filter(state=StepState.FAILED):
        if name := step.data.get(RUN_NAME_KEY):
            context.engine.cancel_job(context.instance.identifier, name)


def select_cause(code: str, params: Mapping[str, object]) -> dict[str, Any]:
    """Return `cause` and `detail` of an error: the program's own code and words when it was a program's."""
    return {"cause": str(params.get("code", code)), "detail": str(params.get("message") or params.get("detail") or "")}


def describe_step_failure(step: OperationStep) -> dict[str, Any]:
    """Return the parameters of an operation's own error that tell what went wrong first."""
    return {**select_cause(step.error_code, step.error_params), "cause_params": step.error_params}
