"""The whole table of operation states. What kinds do to an instance: tests/operations/test_registry.py."""

from domain.states import ACTIVE_OPERATION_STATES, ENDED_OPERATION_STATES, OPERATION_TRANSITIONS, can_move

MOVES = {
    "queued": {"running", "cancelled"},
    "running": {"waiting", "running", "succeeded", "failed", "cancelled"},
    "waiting": {"running", "cancelled"},
    "succeeded": set(),
    "failed": set(),
    "cancelled": set(),
}


def test_ends_are_these_and_nothing_leads_out_of_them() -> None:
    assert ENDED_OPERATION_STATES == {"succeeded", "failed", "cancelled"}
    assert ACTIVE_OPERATION_STATES == {"queued", "running", "waiting"}


def test_a_move_is_what_the_table_says() -> None:
    assert OPERATION_TRANSITIONS == MOVES
    for before in OPERATION_TRANSITIONS:
        for after in OPERATION_TRANSITIONS:
            assert can_move(before, after) == (after in MOVES[before]), (before, after)
