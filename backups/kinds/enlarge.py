"""Enlarge: a larger backup volume, and nothing else."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import enlarge_steps
from backups.enlarge_parameters import ENLARGE_PARAMETERS, describe_enlarge, refuse_fixed, validate_enlarge
from domain.states import InstanceState, KindRule, StepPhase
from operations.declarations import KindDefinition, StepDefinition
from operations.steps import volumes

ENLARGE = KindDefinition(
    code="enlarge_backups",
    position=65,
    label=_("enlarge the backup volume"),
    page_label=_("Larger backup volume…"),
    button_label=_("Enlarge it"),
    icon="expand",
    summary=gettext_noop("Give the instance a larger backup volume; nothing else changes."),
    path="enlarge-backups",
    command="backup_enlarge",
    rule=KindRule(
        frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED}), InstanceState.RESIZING, None, InstanceState.FAILED
    ),
    campaign_parameters=frozenset({"gibibytes"}),
    applies_plan=True,
    leaves_data=True,
    validate=validate_enlarge,
    parameters=ENLARGE_PARAMETERS,
    describe=describe_enlarge,
    precheck=refuse_fixed,
    steps=(
        StepDefinition(name="note", function=enlarge_steps.note, label=_("Note what runs")),
        StepDefinition(
            name="set_size",
            function=enlarge_steps.set_size,
            label=_("Remember the new size"),
            touches_data=True,
        ),
        StepDefinition(
            name="apply",
            function=enlarge_steps.apply_size,
            label=_("Ask for the new size"),
        ),
        StepDefinition(
            name="await_growth",
            function=volumes.await_growth,
            label=_("Wait until the volumes have their size"),
            weight=3,
            deadline_setting="VOLUMES_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="undo_size",
            function=enlarge_steps.undo_size,
            label=_("Remember what the volumes have"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_apply",
            function=enlarge_steps.undo_apply,
            label=_("Apply the earlier sizes and start again"),
            phase=StepPhase.ROLLBACK,
        ),
    ),
)
