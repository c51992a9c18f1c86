"""The states of operations: ends are ends. What kinds do to an instance's state: tests/operations/test_registry.py."""

from domain.states import (
    ACTIVE_OPERATION_STATES,
    ENDED_OPERATION_STATES,
    OPERATION_TRANSITIONS,
    OperationState,
    can_move,
)


def test_ends_are_ends() -> None:
    assert not ACTIVE_OPERATION_STATES & ENDED_OPERATION_STATES
    for state in ENDED_OPERATION_STATES:
        assert OPERATION_TRANSITIONS[state] == frozenset()


def test_a_move_is_what_the_table_says() -> None:
    assert can_move(OperationState.QUEUED, OperationState.RUNNING)
    assert not can_move(OperationState.QUEUED, OperationState.SUCCEEDED)
    assert not can_move(OperationState.SUCCEEDED, OperationState.RUNNING)
