"""Prune: backups that are out of retention are removed."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import prune_steps
from backups.kinds.bracketing import SETTLE
from backups.kinds.prune_texts import PRUNE_TEXTS
from backups.prune_parameters import PRUNE_PARAMETERS, describe_prune, validate_prune
from domain.states import InstanceState, KindRule, OperationKind
from operations.declarations import KindDefinition, StepDefinition
from operations.kinds.bracketing import AWAIT_BACKUP
from operations.permissions import ASK, DELETE_BACKUP

PRUNE = KindDefinition(
    code=OperationKind.PRUNE,
    position=80,
    label=_("remove old backups"),
    page_label=_("Remove old backups…"),
    button_label=_("Remove old backups"),
    icon="auto_delete",
    summary=gettext_noop("Remove backups that are out of retention; the newest good one always stays."),
    path="prune",
    command="backup_prune",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}), None, None, None),
    permissions=(*ASK, DELETE_BACKUP),
    unconfirmed="prune_unconfirmed",
    error_texts=PRUNE_TEXTS,
    validate=validate_prune,
    parameters=PRUNE_PARAMETERS,
    describe=describe_prune,
    steps=(
        AWAIT_BACKUP,
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
        SETTLE,
    ),
)
