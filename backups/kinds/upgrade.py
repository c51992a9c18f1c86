"""Upgrade: another release, on a copy that is put back when it fails. Declared here for the copy it takes."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import steps as backup_steps
from backups import upgrade_steps
from backups.kinds.upgrade_texts import UPGRADE_TEXTS
from domain.states import InstanceState, KindRule, OperationKind, StepPhase
from operations.change_parameters import UPGRADE_PARAMETERS, describe_upgrade, validate_upgrade
from operations.declarations import KindDefinition, ParishWords, StepDefinition
from operations.kinds.bracketing import HOLD_BACKUPS, RELEASE_BACKUPS
from operations.steps import running, servers

UPGRADE = KindDefinition(
    code=OperationKind.UPGRADE,
    position=70,
    label=_("upgrade"),
    page_label=_("Upgrade…"),
    button_label=_("Upgrade"),
    icon="upgrade",
    summary=gettext_noop("Bring the instance to another release; what fails is put back as it was."),
    path="upgrade",
    command="instance_upgrade",
    rule=KindRule(
        frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED}), InstanceState.UPGRADING, None, InstanceState.FAILED
    ),
    # Always with its safety backup, so that what fails has a way back.
    campaign_parameters=frozenset({"release"}),
    applies_plan=True,
    error_texts=UPGRADE_TEXTS,
    validate=validate_upgrade,
    confirmed_without="safety_backup",
    parameters=UPGRADE_PARAMETERS,
    describe=describe_upgrade,
    holds_backups=True,
    parish_words=ParishWords(
        done=_("Your site was given a newer version."), failed=_("A newer version could not be installed.")
    ),
    steps=(
        StepDefinition(
            name="note",
            function=upgrade_steps.record_release_before,
            label=_("Note what runs and the present release"),
        ),
        HOLD_BACKUPS,
        StepDefinition(
            name="stop_site",
            function=backup_steps.stop_site,
            label=_("Stop the web server and the cron"),
        ),
        StepDefinition(
            name="take_safety_backup",
            function=upgrade_steps.take_safety_backup,
            label=_("Take a safety backup"),
            weight=6,
            max_attempts=3,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
            when="safety_backup",
        ),
        StepDefinition(
            name="stop_database",
            function=upgrade_steps.stop_database,
            label=_("Stop the database server"),
        ),
        StepDefinition(
            name="set_release",
            function=upgrade_steps.set_release,
            label=_("Name the new release"),
            touches_data=True,
        ),
        StepDefinition(
            name="update",
            function=upgrade_steps.update,
            label=_("Bring the data to the new release"),
            weight=8,
            deadline_setting="UPDATE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="start_database",
            function=upgrade_steps.start_database,
            label=_("Start the database server"),
        ),
        StepDefinition(
            name="start_site",
            function=upgrade_steps.start_site,
            label=_("Start the web server and the cron"),
        ),
        StepDefinition(
            name="smoke_test",
            function=upgrade_steps.smoke_test,
            label=_("Read the parish's page"),
        ),
        StepDefinition(
            name="undo_stop",
            function=upgrade_steps.undo_stop,
            label=_("Stop everything again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_release",
            function=upgrade_steps.undo_release,
            label=_("Name the earlier release again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_update",
            function=upgrade_steps.undo_update,
            label=_("Put the safety backup back"),
            weight=8,
            phase=StepPhase.ROLLBACK,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="undo_start",
            function=running.put_back,
            label=_("Start again what was running"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_smoke_test",
            function=servers.smoke_test,
            label=_("Read the page as it was before"),
            phase=StepPhase.ROLLBACK,
            when="page_before",
        ),
        StepDefinition(
            name="settle",
            function=upgrade_steps.settle_upgrade,
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
        StepDefinition(
            name="put_back",
            function=upgrade_steps.put_back_upgraded,
            label=_("Start again what was running"),
            phase=StepPhase.ALWAYS,
            when="components_changed",
        ),
        RELEASE_BACKUPS,
    ),
)
