"""Verify: sets are read back whole where they lie, beside whatever else the instance does."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import verify_steps
from backups.kinds.bracketing import SETTLE
from backups.kinds.verify_texts import VERIFY_TEXTS
from backups.verify_parameters import VERIFY_PARAMETERS, describe_verify, validate_verify
from domain.states import InstanceState, KindRule
from operations.declarations import KindDefinition, StepDefinition

VERIFY = KindDefinition(
    code="verify",
    position=45,
    label=_("verify backups"),
    page_label=_("Verify backups…"),
    button_label=_("Verify"),
    icon="fact_check",
    summary=gettext_noop("Read one backup back whole, or all good ones; what is damaged is not good any more."),
    path="verify",
    command="backup_verify",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}), None, None, None),
    campaign_parameters=frozenset(),
    reads_only=True,
    error_texts=VERIFY_TEXTS,
    validate=validate_verify,
    parameters=VERIFY_PARAMETERS,
    describe=describe_verify,
    steps=(
        StepDefinition(
            name="read_back",
            function=verify_steps.read_back,
            label=_("Read the backups back"),
            weight=8,
            deadline_setting="VERIFY_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="judge",
            function=verify_steps.judge,
            label=_("Tell which are good"),
        ),
        SETTLE,
    ),
)
