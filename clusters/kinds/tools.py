"""Tools: a pod with drush and cv beside an active instance, for an hour at most, which a person enters."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clusters import tools_steps
from clusters.tools import TOOLS_PARAMETERS, describe_tools, refuse_without_pods
from domain.states import InstanceState, KindRule, StepPhase
from operations.declarations import KindDefinition, StepDefinition
from operations.permissions import ASK, OPEN_TOOLS

TOOLS = KindDefinition(
    code="tools",
    position=85,
    label=_("open the tools"),
    page_label=_("Tools (drush, cv)…"),
    button_label=_("Open the tools"),
    icon="terminal",
    summary=gettext_noop("Open a pod with drush and cv beside the instance, on a cluster, for an hour at most."),
    path="tools",
    rule=KindRule(frozenset({InstanceState.ACTIVE}), None, None, None),
    permissions=(*ASK, OPEN_TOOLS),
    is_dangerous=True,
    parameters=TOOLS_PARAMETERS,
    describe=describe_tools,
    precheck=refuse_without_pods,
    steps=(
        StepDefinition(
            name="open",
            function=tools_steps.open_tools,
            label=_("Start the tools"),
        ),
        StepDefinition(
            name="keep_open",
            function=tools_steps.keep_open,
            label=_("Keep them open"),
            deadline_setting="TOOLS_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="close",
            function=tools_steps.close_tools,
            label=_("End the tools"),
            phase=StepPhase.ALWAYS,
        ),
    ),
)
