"""Prune copies: those elsewhere that are out of retention are removed from their destinations."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from domain.states import InstanceState, KindRule
from offsite import prune_steps
from offsite.prune_parameters import PRUNE_COPIES_PARAMETERS, describe_prune_copies, validate_prune_copies
from operations.declarations import KindDefinition, StepDefinition
from operations.permissions import ASK, DELETE_BACKUP

# Copies outlive their instance, and go by the same rule.
STATES = frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED, InstanceState.DELETED})
PRUNE_COPIES = KindDefinition(
    code="prune_copies",
    position=85,
    label=_("remove old copies elsewhere"),
    page_label=_("Remove old copies elsewhere…"),
    button_label=_("Remove old copies"),
    icon="cloud_off",
    summary=gettext_noop(
        "Remove copies elsewhere that are out of retention; each destination keeps its newest good one."
    ),
    path="prune-copies",
    command="copy_prune",
    rule=KindRule(STATES, None, None, None),
    permissions=(*ASK, DELETE_BACKUP),
    unconfirmed="prune_unconfirmed",
    reads_only=True,
    validate=validate_prune_copies,
    parameters=PRUNE_COPIES_PARAMETERS,
    describe=describe_prune_copies,
    steps=(
        StepDefinition(
            name="remove_copies",
            function=prune_steps.remove_copies,
            label=_("Remove the copies"),
            weight=6,
            max_attempts=5,
            deadline_setting="COPY_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="prove_copies_gone",
            function=prune_steps.prove_copies_gone,
            label=_("Tell what is gone and what stays"),
        ),
    ),
)
