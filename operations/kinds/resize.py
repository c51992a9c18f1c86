"""Resize: another plan, the same data, and the way back."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from domain.states import InstanceState, KindRule, OperationKind, StepPhase
from operations.change_parameters import RESIZE_PARAMETERS, describe_resize, precheck_resize, validate_resize
from operations.declarations import KindDefinition, ParishWords, ServersAfter, StepDefinition
from operations.kinds.bracketing import HOLD_BACKUPS, RELEASE_BACKUPS
from operations.kinds.resize_texts import RESIZE_TEXTS
from operations.steps import resize as resize_steps
from operations.steps import volumes

RESIZE = KindDefinition(
    code=OperationKind.RESIZE,
    position=60,
    label=_("resize"),
    page_label=_("Change the plan…"),
    button_label=_("Change the plan"),
    icon="aspect_ratio",
    summary=gettext_noop("Give the instance another plan: other sizes, the same data."),
    path="resize",
    command="instance_resize",
    rule=KindRule(
        # A suspended instance stays suspended: its new sizes hold when it is resumed.
        frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED}),
        InstanceState.RESIZING,
        None,
        InstanceState.FAILED,
    ),
    campaign_parameters=frozenset({"plan"}),
    applies_plan=True,
    servers=ServersAfter.RESIZED,
    leaves_data=True,
    error_texts=RESIZE_TEXTS,
    validate=validate_resize,
    parameters=RESIZE_PARAMETERS,
    describe=describe_resize,
    precheck=precheck_resize,
    holds_backups=True,
    parish_words=ParishWords(
        done=_("Your site was given other sizes."), failed=_("Your site could not be given other sizes.")
    ),
    steps=(
        StepDefinition(
            name="note",
            function=resize_steps.record_plan_before,
            label=_("Note what runs and the present plan"),
        ),
        HOLD_BACKUPS,
        StepDefinition(
            name="set_plan",
            function=resize_steps.set_plan,
            label=_("Name the new plan"),
            touches_data=True,
        ),
        StepDefinition(
            name="apply",
            function=resize_steps.apply_plan,
            label=_("Apply the new sizes and start again"),
            weight=3,
        ),
        StepDefinition(
            name="await_growth",
            function=volumes.await_growth,
            label=_("Wait until the volumes have their size"),
            deadline_setting="VOLUMES_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="smoke_test",
            function=resize_steps.smoke_test,
            label=_("Read the parish's page"),
            when="page_wanted",
        ),
        StepDefinition(
            name="undo_plan",
            function=resize_steps.undo_plan,
            label=_("Name the earlier plan again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_apply",
            function=resize_steps.undo_apply,
            label=_("Apply the earlier sizes and start again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="settle",
            function=resize_steps.report_resize,
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
        RELEASE_BACKUPS,
    ),
)
