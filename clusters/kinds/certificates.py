"""Renew: certificates that are due are made anew; what runs, and the instance's state, stay."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clusters import certificate_steps
from clusters.certificate_steps import describe_renewal
from domain.states import InstanceState, KindRule
from operations.declarations import KindDefinition, StepDefinition

RENEW = KindDefinition(
    code="renew",
    position=35,
    label=_("renew the certificates"),
    page_label=_("Renew the certificates…"),
    button_label=_("Renew the certificates"),
    icon="workspace_premium",
    summary=gettext_noop("Make certificates that are due anew; what runs, and the state, stay as they are."),
    path="renew",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.FAILED}), None, None, None),
    campaign_parameters=frozenset(),
    applies_plan=True,
    leaves_data=True,
    describe=describe_renewal,
    steps=(
        StepDefinition(
            name="renew",
            function=certificate_steps.renew,
            label=_("Apply the instance as it is"),
            touches_data=True,
        ),
    ),
)
