"""States of an instance, an operation and a step; what a kind of operation does to an instance's state."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class InstanceState(StrEnum):
    """Where an instance is in its life. Each has next actions (operations.registry)."""

    NEW = "new"
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    SUSPENDING = "suspending"
    SUSPENDED = "suspended"
    RESUMING = "resuming"
    RESTORING = "restoring"
    RESIZING = "resizing"
    UPGRADING = "upgrading"
    DELETING = "deleting"
    DELETED = "deleted"
    FAILED = "failed"


class OperationKind:
    """Codes of the kinds of operation that several apps name. This is no list of the kinds: each is declared in the app
    that owns it, and operations.registry knows them all."""

    PROVISION: Final = "provision"
    SUSPEND: Final = "suspend"
    RESUME: Final = "resume"
    BACKUP: Final = "backup"
    RESTORE: Final = "restore"
    RESIZE: Final = "resize"
    UPGRADE: Final = "upgrade"
    PRUNE: Final = "prune"
    DELETE: Final = "delete"


class OperationState(StrEnum):
    """Where an operation is. `waiting`: its next run is scheduled; no worker is held meanwhile."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BackupState(StrEnum):
    """Where a backup is. `good`: it was read back, and its inventory equals the live one."""

    RUNNING = "running"
    GOOD = "good"
    FAILED = "failed"
    DELETED = "deleted"


class StepState(StrEnum):
    """Where one step of an operation is."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class StepPhase(StrEnum):
    """When a step runs.

    `main`: in order, until one fails for good or a cancel takes effect.
    `rollback`: only after a main step failed (or a cancel) once the operation had touched data.
    `always`: at the end, whatever happened (restart what was stopped).
    """

    MAIN = "main"
    ROLLBACK = "rollback"
    ALWAYS = "always"


ENDED_OPERATION_STATES = frozenset({OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELLED})
ACTIVE_OPERATION_STATES = frozenset(OperationState) - ENDED_OPERATION_STATES

OPERATION_TRANSITIONS: dict[OperationState, frozenset[OperationState]] = {
    OperationState.QUEUED: frozenset({OperationState.RUNNING, OperationState.CANCELLED}),
    OperationState.RUNNING: frozenset(OperationState) - {OperationState.QUEUED},
    OperationState.WAITING: frozenset({OperationState.RUNNING, OperationState.CANCELLED}),
    OperationState.SUCCEEDED: frozenset(),
    OperationState.FAILED: frozenset(),
    OperationState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class KindRule:
    """What one kind of operation does to the instance's state.

    `allowed_from`: states in which it may be asked. `during`, `on_success`: the state while it runs and after;
    None leaves the state it had before. `on_failure`: the state after a failure that was not undone; an operation
    that undid what it did (or had not touched anything) always returns to the state before.
    """

    allowed_from: frozenset[InstanceState]
    during: InstanceState | None
    on_success: InstanceState | None
    on_failure: InstanceState | None


def can_move(before: OperationState, after: OperationState) -> bool:
    """Return whether an operation may go from `before` to `after`."""
    return after in OPERATION_TRANSITIONS[before]
