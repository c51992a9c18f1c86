"""Provision: an instance comes into being, or again after a deletion."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from domain.specs import Component
from domain.states import InstanceState, KindRule, OperationKind
from operations.admission import describe_provision_and_room, refuse_without_room
from operations.declarations import KindDefinition, ParishWords, ServersAfter, StepDefinition
from operations.parameters import OVER_CAPACITY_FLAG
from operations.steps import provision as provision_steps
from operations.steps import servers

PROVISION = KindDefinition(
    code=OperationKind.PROVISION,
    position=10,
    label=_("provision"),
    page_label=_("Provision…"),
    button_label=_("Provision"),
    icon="rocket_launch",
    summary=gettext_noop("Create the instance, or create it again after a deletion."),
    path="provision",
    command="instance_provision",
    rule=KindRule(
        frozenset({InstanceState.NEW, InstanceState.FAILED, InstanceState.DELETED}),
        InstanceState.PROVISIONING,
        InstanceState.ACTIVE,
        InstanceState.FAILED,
    ),
    applies_plan=True,
    awakens=True,
    servers=ServersAfter.STARTED,
    expected_in=frozenset({InstanceState.NEW, InstanceState.DELETED}),
    leaves_data=True,
    parameters=(OVER_CAPACITY_FLAG,),
    describe=describe_provision_and_room,
    precheck=refuse_without_room,
    parish_words=ParishWords(
        done=_("Your site was set up."),
        failed=_("Your site could not be set up."),
        meanwhile=_("The copy is being made. Your site goes on working meanwhile."),
    ),
    steps=(
        StepDefinition(
            name="prepare",
            function=provision_steps.prepare,
            label=_("Prepare volumes, configuration and secrets"),
            makes_instance=True,
            touches_data=True,
        ),
        StepDefinition(
            name="initialise",
            function=provision_steps.initialise,
            label=_("Initialise the databases and the site"),
            weight=5,
            max_attempts=3,
            deadline_setting="INIT_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="start_database",
            function=servers.start_database,
            label=_("Start the database server"),
            starts=Component.DB,
            weight=2,
        ),
        StepDefinition(
            name="check_data",
            function=provision_steps.check_data,
            label=_("Check that the initial data is complete"),
        ),
        StepDefinition(
            name="start_site",
            function=servers.start_all,
            label=_("Start the web server and the cron"),
            starts=Component.HTTPD,
            weight=2,
        ),
        StepDefinition(
            name="smoke_test",
            function=servers.smoke_test,
            label=_("Read the parish's page"),
        ),
    ),
)
