"""The steps of a change of the plan and of an upgrade. Those with data to copy live in the app `backups`."""

from django.utils.translation import gettext_lazy as _

from domain.states import StepPhase
from operations.outcomes import KindDefinition, StepDefinition

RESIZE = KindDefinition(
    validate="operations.change_parameters:validate_resize",
    describe="operations.change_parameters:describe_resize",
    foresee="operations.change_parameters:foresee_resize",
    holds_backups=True,
    steps=(
        StepDefinition(
            name="note",
            function="operations.steps.resize:note",
            label=_("Note what runs and the present plan"),
        ),
        StepDefinition(
            name="hold_backups",
            function="operations.steps.schedules:hold_backups",
            label=_("Wait until no nightly backup is at work"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="set_plan",
            function="operations.steps.resize:set_plan",
            label=_("Name the new plan"),
            touches_data=True,
        ),
        StepDefinition(
            name="apply",
            function="operations.steps.resize:apply_plan",
            label=_("Apply the new sizes and start again"),
            weight=3,
        ),
        StepDefinition(
            name="await_growth",
            function="operations.steps.volumes:await_growth",
            label=_("Wait until the volumes have their size"),
            deadline_setting="VOLUMES_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="smoke_test",
            function="operations.steps.resize:smoke_test",
            label=_("Read the parish's page"),
            when="page_wanted",
        ),
        StepDefinition(
            name="undo_plan",
            function="operations.steps.resize:undo_plan",
            label=_("Name the earlier plan again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_apply",
            function="operations.steps.resize:undo_apply",
            label=_("Apply the earlier sizes and start again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="settle",
            function="operations.steps.resize:settle",
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
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

UPGRADE = KindDefinition(
    validate="operations.change_parameters:validate_upgrade",
    describe="operations.change_parameters:describe_upgrade",
    holds_backups=True,
    steps=(
        StepDefinition(
            name="note",
            function="backups.upgrade_steps:note",
            label=_("Note what runs and the present release"),
        ),
        StepDefinition(
            name="hold_backups",
            function="operations.steps.schedules:hold_backups",
            label=_("Wait until no nightly backup is at work"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="stop_site",
            function="backups.steps:stop_site",
            label=_("Stop the web server and the cron"),
        ),
        StepDefinition(
            name="take_safety_backup",
            function="backups.upgrade_steps:take_safety_backup",
            label=_("Take a safety backup"),
            weight=6,
            max_attempts=3,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
            when="safety_backup",
        ),
        StepDefinition(
            name="stop_database",
            function="backups.upgrade_steps:stop_database",
            label=_("Stop the database server"),
        ),
        StepDefinition(
            name="set_release",
            function="backups.upgrade_steps:set_release",
            label=_("Name the new release"),
            touches_data=True,
        ),
        StepDefinition(
            name="update",
            function="backups.upgrade_steps:update",
            label=_("Bring the data to the new release"),
            weight=8,
            deadline_setting="UPDATE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="start_database",
            function="backups.upgrade_steps:start_database",
            label=_("Start the database server"),
        ),
        StepDefinition(
            name="start_site",
            function="backups.upgrade_steps:start_site",
            label=_("Start the web server and the cron"),
        ),
        StepDefinition(
            name="smoke_test",
            function="backups.upgrade_steps:smoke_test",
            label=_("Read the parish's page"),
        ),
        StepDefinition(
            name="undo_stop",
            function="backups.upgrade_steps:undo_stop",
            label=_("Stop everything again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_release",
            function="backups.upgrade_steps:undo_release",
            label=_("Name the earlier release again"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="undo_update",
            function="backups.upgrade_steps:undo_update",
            label=_("Put the safety backup back"),
            weight=8,
            phase=StepPhase.ROLLBACK,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
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
            function="backups.upgrade_steps:settle_upgrade",
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
        StepDefinition(
            name="put_back",
            function="backups.upgrade_steps:put_back_upgraded",
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
