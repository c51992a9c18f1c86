"""The steps of backups and restores. Their functions live in the app `backups`, above this one: named, not imported."""

from django.utils.translation import gettext_lazy as _

from domain.states import StepPhase
from operations.outcomes import KindDefinition, StepDefinition

BACKUP = KindDefinition(
    validate="backups.parameters:validate_backup",
    describe="backups.parameters:describe_backup",
    steps=(
        StepDefinition(
            name="begin",
            function="backups.steps:begin",
            label=_("Note what runs"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="stop_site",
            function="backups.steps:stop_site",
            label=_("Stop the web server and the cron"),
            when="cold",
        ),
        StepDefinition(
            name="start_database",
            function="backups.steps:ensure_database",
            label=_("Make sure the database server runs"),
        ),
        StepDefinition(
            name="take",
            function="backups.steps:take",
            label=_("Take the backup and read it back"),
            weight=8,
            max_attempts=3,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="settle",
            function="backups.steps:settle",
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
        StepDefinition(
            name="put_back",
            function="operations.steps.running:put_back",
            label=_("Start again what was running"),
            phase=StepPhase.ALWAYS,
            when="components_changed",
        ),
    ),
)

RESTORE = KindDefinition(
    validate="backups.parameters:validate_restore",
    describe="backups.parameters:describe_restore",
    unconfirmed="restore_unconfirmed",
    holds_backups=True,
    steps=(
        StepDefinition(
            name="check_set",
            function="backups.restore_steps:check_set",
            label=_("Read the backup back"),
            weight=2,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="hold_backups",
            function="operations.steps.schedules:hold_backups",
            label=_("Wait until no nightly backup is at work"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="start_database",
            function="backups.steps:ensure_database",
            label=_("Make sure the database server runs"),
        ),
        StepDefinition(
            name="stop_site",
            function="backups.steps:stop_site",
            label=_("Stop the web server and the cron"),
        ),
        StepDefinition(
            name="take_safety_backup",
            function="backups.restore_steps:take_safety_backup",
            label=_("Take a safety backup"),
            weight=6,
            max_attempts=3,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
            when="safety_backup",
        ),
        StepDefinition(
            name="isolate_clone",
            function="backups.restore_steps:isolate_clone",
            label=_("Switch off mail and cron of the copy"),
            touches_data=True,
            when="clone",
        ),
        StepDefinition(
            name="restore",
            function="backups.restore_steps:restore",
            label=_("Restore the data"),
            weight=8,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
            touches_data=True,
        ),
        StepDefinition(
            name="start_site",
            function="backups.restore_steps:start_site",
            label=_("Start the web server and the cron"),
        ),
        StepDefinition(
            name="smoke_test",
            function="backups.restore_steps:smoke_test",
            label=_("Read the parish's page"),
        ),
        StepDefinition(
            name="undo_stop",
            function="backups.restore_steps:undo_stop",
            label=_("Stop the web server and the cron again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_restore",
            function="backups.restore_steps:undo_restore",
            label=_("Put the safety backup back"),
            weight=8,
            phase=StepPhase.ROLLBACK,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="undo_isolation",
            function="backups.restore_steps:undo_isolation",
            label=_("Give mail and cron back what they were"),
            phase=StepPhase.ROLLBACK,
            when="clone",
        ),
        StepDefinition(
            name="undo_start",
            function="operations.steps.running:put_back",
            label=_("Start again what was running"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_smoke_test",
            function="operations.steps.servers:smoke_test",
            label=_("Read the page as it was before"),
            phase=StepPhase.ROLLBACK,
            when="page_before",
        ),
        StepDefinition(
            name="settle",
            function="backups.restore_steps:settle_restore",
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
        StepDefinition(
            name="put_back",
            function="backups.restore_steps:put_back_restored",
            label=_("Start again what was running"),
            phase=StepPhase.ALWAYS,
            when="components_changed",
        ),
        StepDefinition(
            name="release_backups",
            function="operations.steps.schedules:release_backups",
            label=_("Switch the nightly backup on again"),
            phase=StepPhase.ALWAYS,
            when="backups_held",
        ),
    ),
)

PRUNE = KindDefinition(
    validate="backups.prune_parameters:validate_prune",
    describe="backups.prune_parameters:describe_prune",
    unconfirmed="prune_unconfirmed",
    steps=(
        StepDefinition(
            name="await_backup",
            function="operations.steps.schedules:await_backup",
            label=_("Wait until no nightly backup is at work"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="remove",
            function="backups.prune_steps:remove",
            label=_("Remove the backups"),
            weight=6,
            max_attempts=5,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="prove_removal",
            function="backups.prune_steps:prove_removal",
            label=_("Prove that they are gone"),
        ),
        StepDefinition(
            name="settle",
            function="backups.steps:settle",
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
    ),
)
