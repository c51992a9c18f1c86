"""Delete: an instance is purged after a final backup. Declared here for the backup it takes and the rows it closes."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import steps as backup_steps
from backups.kinds.bracketing import SETTLE
from domain.states import InstanceState, KindRule, OperationKind, StepPhase
from operations.declarations import KindDefinition, ServersAfter, StepDefinition
from operations.kinds.bracketing import AWAIT_BACKUP
from operations.parameters import DELETION_PARAMETERS, describe_deletion, validate_deletion
from operations.permissions import ASK, DELETE_INSTANCE
from operations.steps import deletion as deletion_steps
from operations.steps import servers

DELETE = KindDefinition(
    code=OperationKind.DELETE,
    position=90,
    label=_("delete"),
    page_label=_("Delete…"),
    button_label=_("Delete"),
    icon="delete",
    is_dangerous=True,
    summary=gettext_noop("Purge the instance's data, by default after a final backup that is kept."),
    path="delete",
    command="instance_delete",
    rule=KindRule(
        frozenset(
            {
                InstanceState.NEW,
                InstanceState.ACTIVE,
                InstanceState.SUSPENDED,
                InstanceState.FAILED,
                InstanceState.DELETED,
            }
        ),
        InstanceState.DELETING,
        InstanceState.DELETED,
        InstanceState.FAILED,
    ),
    servers=ServersAfter.STOPPED,
    permissions=(*ASK, DELETE_INSTANCE),
    unconfirmed="confirmation_missing",
    validate=validate_deletion,
    parameters=DELETION_PARAMETERS,
    describe=describe_deletion,
    steps=(
        StepDefinition(
            name="inspect",
            function=deletion_steps.inspect,
            label=_("See what there is to delete"),
        ),
        AWAIT_BACKUP,
        StepDefinition(
            name="final_backup_database",
            function=backup_steps.stop_site,
            label=_("Leave only the database server running, for the final backup"),
            touches_data=True,
            when="final_backup_wanted",
        ),
        StepDefinition(
            name="final_backup",
            function=backup_steps.take_final_backup,
            label=_("Take the final backup"),
            weight=6,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
            when="final_backup_wanted",
        ),
        StepDefinition(
            name="stop",
            function=servers.stop,
            label=_("Stop the servers and the cron"),
            stops_servers=True,
            touches_data=True,
        ),
        StepDefinition(
            name="grace",
            function=deletion_steps.grace,
            label=_("Wait until the time to undo it is over"),
            deadline_setting="GRACE_TIMEOUT_SECONDS",
            waits_for_people=True,
            when="grace_wanted",
        ),
        StepDefinition(
            name="purge",
            function=deletion_steps.purge,
            label=_("Purge the data"),
            weight=2,
            deadline_setting="PURGE_TIMEOUT_SECONDS",
            touches_data=True,
        ),
        StepDefinition(
            name="prove_purge",
            function=deletion_steps.prove_purge,
            label=_("Prove that nothing remains"),
        ),
        StepDefinition(
            name="forget_backups",
            function=backup_steps.forget_backups,
            label=_("Note that its backups are gone"),
            when="purge_backups",
        ),
        StepDefinition(
            name="put_servers_back",
            function=deletion_steps.put_servers_back,
            label=_("Start again what was running"),
            phase=StepPhase.ROLLBACK,
        ),
        SETTLE,
    ),
)
