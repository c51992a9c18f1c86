"""Resume: everything runs that should."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from domain.states import InstanceState, KindRule, OperationKind
from operations.declarations import KindDefinition, ParishWords, ServersAfter, StepDefinition
from operations.parameters import describe_resume
from operations.steps import servers

RESUME = KindDefinition(
    code=OperationKind.RESUME,
    position=30,
    label=_("resume"),
    page_label=_("Resume…"),
    button_label=_("Resume"),
    icon="play_arrow",
    summary=gettext_noop("Start again on the data that stayed."),
    path="resume",
    command="instance_resume",
    rule=KindRule(
        # From active too: make run again what should run (the machine was restarted, a server died).
        frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}),
        InstanceState.RESUMING,
        InstanceState.ACTIVE,
        InstanceState.FAILED,
    ),
    campaign_parameters=frozenset(),
    applies_plan=True,
    awakens=True,
    servers=ServersAfter.STARTED,
    expected_in=frozenset({InstanceState.SUSPENDED}),
    leaves_data=True,
    describe=describe_resume,
    parish_words=ParishWords(done=_("Your site was started again."), failed=_("Your site could not be started again.")),
    steps=(
        StepDefinition(
            name="start",
            function=servers.resume,
            label=_("Start the servers and the cron"),
            touches_data=True,
            weight=2,
        ),
        StepDefinition(
            name="smoke_test",
            function=servers.smoke_test,
            label=_("Read the parish's page"),
        ),
    ),
)
