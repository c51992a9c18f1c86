"""States of an instance and of an operation, and every allowed transition, in one table."""

from dataclasses import dataclass
from enum import StrEnum


class InstanceState(StrEnum):
    """Where an instance is in its life. Each state has next actions (`list_next_actions`)."""

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


class OperationKind(StrEnum):
    """What can be asked for an instance."""

    PROVISION = "provision"
    SUSPEND = "suspend"
    RESUME = "resume"
    BACKUP = "backup"
    RESTORE = "restore"
    RESIZE = "resize"
    UPGRADE = "upgrade"
    PRUNE = "prune"
    DELETE = "delete"


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


_S = InstanceState
KIND_RULES: dict[OperationKind, KindRule] = {
    OperationKind.PROVISION: KindRule(
        frozenset({_S.NEW, _S.FAILED, _S.DELETED}), _S.PROVISIONING, _S.ACTIVE, _S.FAILED
    ),
    OperationKind.SUSPEND: KindRule(frozenset({_S.ACTIVE, _S.FAILED}), _S.SUSPENDING, _S.SUSPENDED, _S.FAILED),
    # From active too: make run again what should run (the machine was restarted, a server died).
    OperationKind.RESUME: KindRule(frozenset({_S.ACTIVE, _S.SUSPENDED, _S.FAILED}), _S.RESUMING, _S.ACTIVE, _S.FAILED),
    OperationKind.BACKUP: KindRule(frozenset({_S.ACTIVE, _S.SUSPENDED, _S.FAILED}), None, None, None),
    OperationKind.RESTORE: KindRule(
        frozenset({_S.ACTIVE, _S.SUSPENDED, _S.FAILED}), _S.RESTORING, _S.ACTIVE, _S.FAILED
    ),
    # A suspended instance stays suspended: its new sizes hold when it is resumed.
    OperationKind.RESIZE: KindRule(frozenset({_S.ACTIVE, _S.SUSPENDED}), _S.RESIZING, None, _S.FAILED),
    OperationKind.UPGRADE: KindRule(frozenset({_S.ACTIVE, _S.SUSPENDED}), _S.UPGRADING, None, _S.FAILED),
    OperationKind.PRUNE: KindRule(frozenset({_S.ACTIVE, _S.SUSPENDED, _S.FAILED}), None, None, None),
    OperationKind.DELETE: KindRule(
        frozenset({_S.NEW, _S.ACTIVE, _S.SUSPENDED, _S.FAILED, _S.DELETED}),
        _S.DELETING,
        _S.DELETED,
        _S.FAILED,
    ),
}


def list_next_actions(state: InstanceState) -> tuple[OperationKind, ...]:
    """Return the kinds of operation that may be asked in `state`, in the table's order; empty while one runs."""
    return tuple(kind for kind, rule in KIND_RULES.items() if state in rule.allowed_from)


def can_move(before: OperationState, after: OperationState) -> bool:
    """Return whether an operation may go from `before` to `after`."""
    return after in OPERATION_TRANSITIONS[before]
