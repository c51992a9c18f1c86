"""Every kind of operation: its steps in order. To add one: a line here, its functions, its rule in domain/states.py.

Functions are named by dotted path and imported on first use, so that `backups` can sit above `operations`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.utils.translation import gettext_lazy as _

from domain.errors import NotFound
from domain.states import OperationKind, StepPhase
from domain.words import add_words
from operations.backup_kinds import BACKUP, PRUNE, RESTORE
from operations.change_kinds import RESIZE, UPGRADE
from operations.outcomes import KindDefinition, StepDefinition

PROVISION = KindDefinition(
    validate="operations.parameters:validate_provision",
    describe="operations.parameters:describe_provision",
    foresee="finops.usage.capacity:refuse_without_room",
    steps=(
        StepDefinition(
            name="prepare",
            function="operations.steps.provision:prepare",
            label=_("Prepare volumes, configuration and secrets"),
            touches_data=True,
        ),
        StepDefinition(
            name="initialise",
            function="operations.steps.provision:initialise",
            label=_("Initialise the databases and the site"),
            weight=5,
            max_attempts=3,
            deadline_setting="INIT_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="start_database",
            function="operations.steps.servers:start_database",
            label=_("Start the database server"),
            weight=2,
        ),
        StepDefinition(
            name="check_data",
            function="operations.steps.provision:check_data",
            label=_("Check that the initial data is complete"),
        ),
        StepDefinition(
            name="start_site",
            function="operations.steps.servers:start_all",
            label=_("Start the web server and the cron"),
            weight=2,
        ),
        StepDefinition(
            name="smoke_test",
            function="operations.steps.servers:smoke_test",
            label=_("Read the parish's page"),
        ),
    ),
)

SUSPEND = KindDefinition(
    validate="operations.parameters:validate_nothing",
    describe="operations.parameters:describe_suspend",
    steps=(
        StepDefinition(
            name="stop",
            function="operations.steps.servers:stop",
            label=_("Stop the servers and the cron"),
            touches_data=True,
        ),
    ),
)

RESUME = KindDefinition(
    validate="operations.parameters:validate_nothing",
    describe="operations.parameters:describe_resume",
    steps=(
        StepDefinition(
            name="start",
            function="operations.steps.servers:resume",
            label=_("Start the servers and the cron"),
            touches_data=True,
            weight=2,
        ),
        StepDefinition(
            name="smoke_test",
            function="operations.steps.servers:smoke_test",
            label=_("Read the parish's page"),
        ),
    ),
)

DELETE = KindDefinition(
    validate="operations.parameters:validate_deletion",
    describe="operations.parameters:describe_deletion",
    unconfirmed="confirmation_missing",
    steps=(
        StepDefinition(
            name="inspect",
            function="operations.steps.deletion:inspect",
            label=_("See what there is to delete"),
        ),
        StepDefinition(
            name="await_backup",
            function="operations.steps.schedules:await_backup",
            label=_("Wait until no nightly backup is at work"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="final_backup_database",
            function="backups.steps:stop_site",
            label=_("Leave only the database server running, for the final backup"),
            touches_data=True,
            when="final_backup_wanted",
        ),
        StepDefinition(
            name="final_backup",
            function="backups.steps:take_final_backup",
            label=_("Take the final backup"),
            weight=6,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
            when="final_backup_wanted",
        ),
        StepDefinition(
            name="stop",
            function="operations.steps.servers:stop",
            label=_("Stop the servers and the cron"),
            touches_data=True,
        ),
        StepDefinition(
            name="grace",
            function="operations.steps.deletion:grace",
            label=_("Wait until the time to undo it is over"),
            deadline_setting="GRACE_TIMEOUT_SECONDS",
            when="grace_wanted",
        ),
        StepDefinition(
            name="purge",
            function="operations.steps.deletion:purge",
            label=_("Purge the data"),
            weight=2,
            deadline_setting="PURGE_TIMEOUT_SECONDS",
            touches_data=True,
        ),
        StepDefinition(
            name="prove_purge",
            function="operations.steps.deletion:prove_purge",
            label=_("Prove that nothing remains"),
        ),
        StepDefinition(
            name="forget_backups",
            function="backups.steps:forget_backups",
            label=_("Note that its backups are gone"),
            when="purge_backups",
        ),
        StepDefinition(
            name="put_servers_back",
            function="operations.steps.deletion:put_servers_back",
            label=_("Start again what was running"),
            phase=StepPhase.ROLLBACK,
        ),
        StepDefinition(
            name="settle",
            function="backups.steps:settle",
            label=_("Close what was left open"),
            phase=StepPhase.ALWAYS,
        ),
    ),
)

KINDS: dict[OperationKind, KindDefinition] = {
    OperationKind.PROVISION: PROVISION,
    OperationKind.SUSPEND: SUSPEND,
    OperationKind.RESUME: RESUME,
    OperationKind.BACKUP: BACKUP,
    OperationKind.RESTORE: RESTORE,
    OperationKind.RESIZE: RESIZE,
    OperationKind.UPGRADE: UPGRADE,
    OperationKind.PRUNE: PRUNE,
    OperationKind.DELETE: DELETE,
}


# Errors name a step by its code.
add_words("step", {step.name: step.label for kind in KINDS.values() for step in kind.steps})


def get_kind(kind: OperationKind) -> KindDefinition:
    """Return how `kind` is done. Raise NotFound for a kind without steps."""
    if kind not in KINDS:
        raise NotFound(what="kind of operation", name=kind.value)
    return KINDS[kind]


def import_dotted(path: str) -> Callable[..., Any]:
    """Return the function named "module:name"."""
    module, _separator, name = path.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def list_dotted_paths() -> list[str]:
    """Return every function the table names, for the test that imports them all."""
    paths = [kind.validate for kind in KINDS.values()] + [kind.describe for kind in KINDS.values()]
    paths += [kind.foresee for kind in KINDS.values() if kind.foresee is not None]
    return paths + [step.function for kind in KINDS.values() for step in kind.steps]
