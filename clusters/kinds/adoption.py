"""Adopt: what another manager made, or lost its mark, is this manager's from now on."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clusters import adoption_steps
from clusters.adoption import describe_adoption, refuse_adoption
from domain.specs import Component
from domain.states import InstanceState, KindRule
from operations.declarations import KindDefinition, ServersAfter, StepDefinition
from operations.parameters import TYPED
from operations.permissions import ADD_INSTANCE, ASK
from operations.steps import servers

ADOPT = KindDefinition(
    code="adopt",
    position=95,
    label=_("adopt"),
    page_label=_("Adopt what is there…"),
    button_label=_("Adopt"),
    icon="add_home_work",
    summary=gettext_noop(
        "Make what another manager made under the instance's name this manager's; its data and passwords stay."
    ),
    path="adopt",
    rule=KindRule(
        frozenset({InstanceState.NEW, InstanceState.FAILED}),
        InstanceState.RESUMING,
        InstanceState.ACTIVE,
        InstanceState.FAILED,
    ),
    applies_plan=True,
    awakens=True,
    servers=ServersAfter.STARTED,
    leaves_data=True,
    permissions=(*ASK, ADD_INSTANCE),
    unconfirmed="confirmation_mismatch",
    parameters=(TYPED,),
    precheck=refuse_adoption,
    describe=describe_adoption,
    steps=(
        StepDefinition(
            name="look",
            function=adoption_steps.look,
            label=_("See what is there, and keep its passwords and keys"),
        ),
        StepDefinition(
            name="take",
            function=adoption_steps.take,
            label=_("Leave this manager’s mark"),
        ),
        StepDefinition(
            name="start_site",
            function=servers.start_all,
            label=_("Start the web server and the cron"),
            starts=Component.HTTPD,
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
