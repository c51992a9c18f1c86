"""Steps of a change of the plan: note, name the new plan, apply it, read the page; and the way back."""

from typing import Any

from domain.states import InstanceState, StepPhase
from operations.endings import ERROR_KEY, STATE_BEFORE_KEY
from operations.outcomes import Done, Outcome, StepContext
from operations.steps.failures import describe_step_failure, find_failed, has_begun
from operations.steps.running import note_running, select_components_before
from operations.steps.servers import await_running
from operations.steps.servers import smoke_test as read_page
from operations.steps.volumes import refuse_fixed_volumes, remember_sizes
from tenants.models import Instance, Plan
from tenants.registry import get_plan

PLAN_BEFORE_KEY = "plan_before"
GROWN_KEY = "grown_volumes"
PAGE_KEY = "page_wanted"


def record_plan_before(context: StepContext) -> Outcome:
    """Note what runs and which plan is the present one. Raise `volume_cannot_grow` before anything is changed: the
    storage class may have changed since it was asked."""
    instance = context.instance
    note_running(context)
    refuse_fixed_volumes(instance.identifier, context.engine, get_plan(context.parameters["plan"]))
    if PLAN_BEFORE_KEY not in context.data:
        context.data[PLAN_BEFORE_KEY] = instance.plan.name
        context.data[PAGE_KEY] = context.data[STATE_BEFORE_KEY] == InstanceState.ACTIVE
    return Done()


def set_plan(context: StepContext) -> Outcome:
    """Name the new plan on the instance's row: whoever applies it from now on applies that. What volumes have beyond it
    they keep."""
    plan = get_plan(context.parameters["plan"])
    remember_sizes(context.instance, context.engine, plan)
    _set_plan(context.instance, plan)
    return Done()


def apply_plan(context: StepContext) -> Outcome:
    """Give the instance its new sizes, with what should run now."""
    outcome = _apply(context)
    return Done(result=_describe_change(context)) if isinstance(outcome, Done) else outcome


def smoke_test(context: StepContext) -> Outcome:
    """Read the page as a visitor would, and tell what was changed."""
    outcome = read_page(context)
    return Done(result={**_describe_change(context), **outcome.result}) if isinstance(outcome, Done) else outcome


def undo_plan(context: StepContext) -> Outcome:
    """Name the earlier plan again, and remember the volumes that have grown, as they are: they cannot shrink."""
    plan = get_plan(context.data[PLAN_BEFORE_KEY])
    context.data[GROWN_KEY] = remember_sizes(context.instance, context.engine, plan)
    _set_plan(context.instance, plan)
    return Done()


def undo_apply(context: StepContext) -> Outcome:
    """Give the instance its earlier sizes again, with what should run now."""
    return _apply(context)


def report_resize(context: StepContext) -> Outcome:
    """Say which plan the instance has in the end when the new one was not to be had."""
    failed, undone = find_failed(context, StepPhase.MAIN), find_failed(context, StepPhase.ROLLBACK)
    reason = failed or undone
    if reason is not None and has_begun(context, set_plan):
        code = "resize_rolled_back_grown" if context.data.get(GROWN_KEY) else "resize_rolled_back"
        params = {
            "instance": context.instance.identifier,
            "operation": context.operation.public_id,
            **_describe_change(context),
            **describe_step_failure(reason),
        }
        context.data[ERROR_KEY] = {"code": code if undone is None else "resize_rollback_failed", "params": params}
    return Done()


def _apply(context: StepContext) -> Outcome:
    wanted = select_components_before(context)
    return await_running(context.engine.apply(context.make_spec(wanted)), wanted)


def _set_plan(instance: Instance, plan: Plan) -> None:
    Instance.objects.filter(pk=instance.pk).update(plan=plan)
    instance.plan = plan


def _describe_change(context: StepContext) -> dict[str, Any]:
    return {"plan": context.parameters["plan"], "plan_before": context.data[PLAN_BEFORE_KEY]}
