"""Suspend: the servers and the cron stop, the data stays."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from domain.states import InstanceState, KindRule, OperationKind
from operations.declarations import KindDefinition, ParishWords, ServersAfter, StepDefinition
from operations.parameters import describe_suspend
from operations.steps import servers

SUSPEND = KindDefinition(
    code=OperationKind.SUSPEND,
    position=20,
    label=_("suspend"),
    page_label=_("Suspend…"),
    button_label=_("Suspend"),
    icon="pause",
    summary=gettext_noop("Stop the servers and the cron; the data stays."),
    path="suspend",
    command="instance_suspend",
    rule=KindRule(
        frozenset({InstanceState.ACTIVE, InstanceState.FAILED}),
        InstanceState.SUSPENDING,
        InstanceState.SUSPENDED,
        InstanceState.FAILED,
    ),
    campaign_parameters=frozenset(),
    servers=ServersAfter.STOPPED,
    leaves_data=True,
    describe=describe_suspend,
    parish_words=ParishWords(done=_("Your site was stopped."), failed=_("Your site could not be stopped.")),
    steps=(
        StepDefinition(
            name="stop",
            function=servers.stop,
            label=_("Stop the servers and the cron"),
            stops_servers=True,
            touches_data=True,
        ),
    ),
)
