"""Restore: a set is put back, into its instance or a copy of it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import restore_steps
from backups import steps as backup_steps
from backups.kinds.bracketing import START_DATABASE
from backups.kinds.restore_texts import RESTORE_TEXTS
from backups.parameters import RESTORE_PARAMETERS, describe_restore, validate_restore
from domain.states import InstanceState, KindRule, OperationKind, StepPhase
from operations.declarations import KindDefinition, ParishWords, StepDefinition
from operations.kinds.bracketing import HOLD_BACKUPS, RELEASE_BACKUPS
from operations.permissions import ASK, RESTORE_BACKUP
from operations.steps import running, servers

RESTORE = KindDefinition(
    code=OperationKind.RESTORE,
    position=50,
    label=_("restore"),
    page_label=_("Restore…"),
    button_label=_("Restore"),
    icon="settings_backup_restore",
    summary=gettext_noop("Put a backup back into this instance, or a copy of another one's."),
    path="restores",
    command="restore_run",
    rule=KindRule(
        frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}),
        InstanceState.RESTORING,
        InstanceState.ACTIVE,
        InstanceState.FAILED,
    ),
    applies_plan=True,
    permissions=(*ASK, RESTORE_BACKUP),
    unconfirmed="restore_unconfirmed",
    error_texts=RESTORE_TEXTS,
    validate=validate_restore,
    parameters=RESTORE_PARAMETERS,
    describe=describe_restore,
    holds_backups=True,
    parish_words=ParishWords(
        done=_("Data of an earlier moment was put back."),
        failed=_("Data of an earlier moment could not be put back."),
        meanwhile=_("The data of that moment is being put back. Your site is closed meanwhile."),
    ),
    steps=(
        StepDefinition(
            name="check_set",
            function=restore_steps.check_set,
            label=_("Read the backup back"),
            weight=2,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        HOLD_BACKUPS,
        START_DATABASE,
        StepDefinition(
            name="stop_site",
            function=backup_steps.stop_site,
            label=_("Stop the web server and the cron"),
        ),
        StepDefinition(
            name="take_safety_backup",
            function=restore_steps.take_safety_backup,
            label=_("Take a safety backup"),
            weight=6,
            max_attempts=3,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
            when="safety_backup",
        ),
        StepDefinition(
            name="isolate_clone",
            function=restore_steps.isolate_clone,
            label=_("Switch off mail and cron of the copy"),
            touches_data=True,
            when="clone",
        ),
        StepDefinition(
            name="restore",
            function=restore_steps.restore,
            label=_("Restore the data"),
            weight=8,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
            touches_data=True,
        ),
        StepDefinition(
            name="start_site",
            function=restore_steps.start_site,
            label=_("Start the web server and the cron"),
        ),
        StepDefinition(
            name="smoke_test",
            function=restore_steps.smoke_test,
            label=_("Read the parish's page"),
        ),
        StepDefinition(
            name="undo_stop",
            function=restore_steps.undo_stop,
            label=_("Stop the web server and the cron again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_restore",
            function=restore_steps.undo_restore,
            label=_("Put the safety backup back"),
            weight=8,
            phase=StepPhase.ROLLBACK,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="undo_isolation",
            function=restore_steps.undo_isolation,
            label=_("Give mail and cron back what they were"),
            phase=StepPhase.ROLLBACK,
            when="clone",
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
            function=restore_steps.settle_restore,
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
        StepDefinition(
            name="put_back",
            function=restore_steps.put_back_restored,
            label=_("Start again what was running"),
            phase=StepPhase.ALWAYS,
            when="components_changed",
        ),
        RELEASE_BACKUPS,
    ),
)
