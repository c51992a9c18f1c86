"""The table of states: every state has a next action, no operation starts twice, ends are ends."""

import pytest

from domain.states import (
    ACTIVE_OPERATION_STATES,
    ENDED_OPERATION_STATES,
    KIND_RULES,
    OPERATION_TRANSITIONS,
    InstanceState,
    OperationKind,
    OperationState,
    can_move,
    list_next_actions,
)

BETWEEN = {rule.during for rule in KIND_RULES.values()} - {None}


def test_every_kind_has_a_rule() -> None:
    assert set(KIND_RULES) == set(OperationKind)


@pytest.mark.parametrize("state", sorted(set(InstanceState) - BETWEEN))
def test_every_state_at_rest_has_a_next_action(state: InstanceState) -> None:
    assert list_next_actions(state)


@pytest.mark.parametrize("state", sorted(state for state in BETWEEN if state))
def test_nothing_can_be_asked_while_an_operation_changes_the_instance(state: InstanceState) -> None:
    assert list_next_actions(state) == ()


def test_every_state_can_be_reached() -> None:
    reached = {InstanceState.NEW} | BETWEEN
    for rule in KIND_RULES.values():
        reached |= {state for state in (rule.on_success, rule.on_failure) if state}
    assert reached == set(InstanceState)


def test_a_failed_instance_can_be_mended_or_removed() -> None:
    assert {OperationKind.PROVISION, OperationKind.RESTORE, OperationKind.DELETE} <= set(
        list_next_actions(InstanceState.FAILED)
    )


def test_ends_are_ends() -> None:
    assert not ACTIVE_OPERATION_STATES & ENDED_OPERATION_STATES
    for state in ENDED_OPERATION_STATES:
        assert OPERATION_TRANSITIONS[state] == frozenset()


def test_a_move_is_what_the_table_says() -> None:
    assert can_move(OperationState.QUEUED, OperationState.RUNNING)
    assert not can_move(OperationState.QUEUED, OperationState.SUCCEEDED)
    assert not can_move(OperationState.SUCCEEDED, OperationState.RUNNING)
