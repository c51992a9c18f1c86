"""A kind of operation that nothing of the product knows: all that it has comes from this declaration."""

from django.utils.translation import gettext_lazy as _

from domain.states import InstanceState, KindRule, StepPhase
from operations.declarations import KindDefinition, StepDefinition
from operations.declared_parameters import Parameter, ParameterType
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.servers import select_running


def look(context: StepContext) -> Outcome:
    """Look at the instance twice, with a wait between."""
    context.data["running"] = sorted(select_running(context.engine.observe(context.instance.identifier)))
    if context.step_data.setdefault("looks", 0) == 0:
        context.step_data["looks"] = 1
        return Wait(message="waiting for the servers", progress=50)
    return Done()


def touch(context: StepContext) -> Outcome:
    """Apply the instance as it is, and tell what was asked."""
    observed = context.engine.observe(context.instance.identifier)
    context.engine.apply(context.make_spec(select_running(observed)))
    return Done(result={"times": context.parameters["times"], "running": context.data["running"]})


def tidy(context: StepContext) -> Outcome:
    """Look once more, whatever happened."""
    context.engine.observe(context.instance.identifier)
    return Done()


KIND = KindDefinition(
    code="sample",
    position=95,
    # Words that the catalogue has already.
    label=_("resume"),
    page_label=_("Resume…"),
    button_label=_("Resume"),
    icon="science",
    summary="Touch an instance, so that tests see what a declaration gives.",
    path="samples",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.FAILED}), None, None, None),
    parameters=(
        Parameter(
            name="colour",
            type=ParameterType.CHOICE,
            default="red",
            choices=(("red", _("failed")), ("blue", _("new"))),
            summary="In which colour.",
            label=_("Mode"),
        ),
        Parameter(name="times", type=ParameterType.NUMBER, default=2, most=9, summary="How often.", label=_("Files")),
        Parameter(name="quietly", type=ParameterType.FLAG, default=False, summary="Say nothing.", label=_("Cron")),
        Parameter(name="word", length=10, summary="A word.", label=_("Reason")),
    ),
    permissions=("tenants.view_instance", "operations.add_operation", "backups.view_backup"),
    steps=(
        StepDefinition(name="look", function=look, label=_("Note what runs")),
        StepDefinition(name="touch", function=touch, label=_("Read the parish's page"), touches_data=True, weight=3),
        StepDefinition(name="tidy", function=tidy, label=_("Close what was left open"), phase=StepPhase.ALWAYS),
    ),
)
# What the test that kills workers asks for (tests/kills.py).
KILLS = {"sample": {"kind": KIND.code, "state": "active", "parameters": {"times": 3}}}
