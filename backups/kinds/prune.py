"""Prune: backups that are out of retention are removed."""

from django.utils.translation import gettext_lazy as _

from backups import prune_steps
from backups import steps as backup_steps
from backups.prune_parameters import PRUNE_PARAMETERS, describe_prune, validate_prune
from domain.states import InstanceState, KindRule, OperationKind, StepPhase
from operations.declarations import KindDefinition, StepDefinition
from operations.steps import schedules

PRUNE = KindDefinition(
    code=OperationKind.PRUNE,
    position=80,
    label=_("remove old backups"),
    page_label=_("Remove old backups…"),
    button_label=_("Remove old backups"),
    icon="auto_delete",
    summary="Remove backups that are out of retention; the newest good one always stays.",
    path="prune",
    command="backup_prune",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}), None, None, None),
    unconfirmed="prune_unconfirmed",
    validate=validate_prune,
    parameters=PRUNE_PARAMETERS,
    describe=describe_prune,
    steps=(
        StepDefinition(
            name="await_backup",
            function=schedules.await_backup,
            label=_("Wait until no nightly backup is at work"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="remove",
            function=prune_steps.remove,
            label=_("Remove the backups"),
            weight=6,
            max_attempts=5,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="prove_removal",
            function=prune_steps.prove_removal,
            label=_("Prove that they are gone"),
        ),
        StepDefinition(
            name="settle",
            function=backup_steps.settle,
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
    ),
)
