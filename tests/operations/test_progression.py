"""Decisions of the runner, as a table: states of the steps in, what comes next out."""

import random
from typing import Any

import pytest

from domain.states import InstanceState, OperationState, StepPhase
from operations.declarations import StepDefinition
from operations.models import OperationStep
from operations.outcomes import Done, Outcome, StepContext
from operations.progression import (
    Decision,
    Ending,
    Finish,
    RunStep,
    SkipStep,
    StopMain,
    compute_instance_state,
    compute_progress,
    compute_retry_delay,
    select_next,
)
from operations.registry import get_kind


def do_nothing(_context: StepContext) -> Outcome:
    """A step of this test, which only decides."""
    return Done()


DEFINITIONS = {
    definition.name: definition
    for definition in (
        StepDefinition(name="look", function=do_nothing, label="", weight=1),
        StepDefinition(name="copy", function=do_nothing, label="", weight=3, when="wanted"),
        StepDefinition(name="change", function=do_nothing, label="", weight=4, touches_data=True),
        StepDefinition(name="undo", function=do_nothing, label="", weight=9, phase=StepPhase.ROLLBACK),
        StepDefinition(name="undo more", function=do_nothing, label="", weight=9, phase=StepPhase.ROLLBACK),
        StepDefinition(name="restart", function=do_nothing, label="", weight=2, phase=StepPhase.ALWAYS),
    )
}
LETTERS = {"p": "pending", "r": "running", "d": "done", "f": "failed", "s": "skipped"}


def make_steps(letters: str) -> list[OperationStep]:
    """Steps look, copy, change, undo, undo more, restart, each in the state of its letter."""
    steps = []
    for position, (definition, letter) in enumerate(zip(DEFINITIONS.values(), letters, strict=True)):
        step = OperationStep(position=position, name=definition.name, phase=definition.phase.value)
        step.state = LETTERS[letter]
        step.started_at = None if letter in "ps" else "began"  # type: ignore[assignment]
        steps.append(step)
    return steps


def decide(letters: str, **changes: Any) -> Decision:
    given: dict[str, Any] = {"flags": {"wanted": True}, "ending": None, "cancel_requested": False, **changes}
    return select_next(make_steps(letters), definitions=DEFINITIONS, **given)


def name_of(decision: Decision) -> str:
    if isinstance(decision, RunStep | SkipStep):
        return f"{'run' if isinstance(decision, RunStep) else 'skip'} {decision.step.name}"
    if isinstance(decision, StopMain):
        return f"stop {decision.ending}"
    return f"{decision.state} undone={decision.undone}"


FAILED, CANCELLED = {"ending": Ending.FAILED}, {"ending": Ending.CANCELLED}


@pytest.mark.parametrize(
    ("letters", "changes", "expected"),
    [
        ("pppppp", {}, "run look"),
        ("rppppp", {}, "run look"),
        ("rppppp", {"cancel_requested": True}, "run look"),
        ("dppppp", {}, "run copy"),
        ("dppppp", {"flags": {}}, "skip copy"),
        ("dppppp", {"cancel_requested": True}, "stop cancelled"),
        ("dspppp", {}, "run change"),
        ("dddppp", {}, "skip undo"),
        ("dddssp", {}, "run restart"),
        ("dddssp", {"cancel_requested": True}, "run restart"),
        ("dddssd", {}, "succeeded undone=False"),
        ("dddssf", {}, "failed undone=False"),
        # A failure before anything was touched: no rollback, but what always runs.
        ("dfpppp", {}, "stop failed"),
        ("dfpppp", FAILED, "skip change"),
        ("dfsppp", FAILED, "skip undo"),
        ("dfsssp", FAILED, "run restart"),
        ("dfsssd", FAILED, "failed undone=True"),
        ("dfsssf", FAILED, "failed undone=False"),
        # A failure after the change: rollback in order, then what always runs.
        ("ddfppp", {}, "stop failed"),
        ("ddfppp", FAILED, "run undo"),
        ("ddfdpp", FAILED, "run undo more"),
        ("ddfddp", FAILED, "run restart"),
        ("ddfddd", FAILED, "failed undone=True"),
        ("ddffpp", FAILED, "skip undo more"),
        ("ddffsd", FAILED, "failed undone=False"),
        # A cancel does likewise.
        ("dppppp", CANCELLED, "skip copy"),
        ("dssppp", CANCELLED, "skip undo"),
        ("dssssd", CANCELLED, "cancelled undone=True"),
        ("ddpppp", CANCELLED, "skip change"),
        ("ddfddd", CANCELLED, "failed undone=True"),
    ],
)
def test_what_comes_next(letters: str, changes: dict[str, Any], expected: str) -> None:
    assert name_of(decide(letters, **changes)) == expected


def test_a_kind_without_a_way_back_says_that_what_it_touched_is_not_undone() -> None:
    steps = [step for step in make_steps("ddfssd") if step.phase != StepPhase.ROLLBACK]
    ended = select_next(steps, definitions=DEFINITIONS, flags={}, ending=Ending.FAILED, cancel_requested=False)
    assert ended == Finish(OperationState.FAILED, undone=False)


@pytest.mark.parametrize(
    ("kind", "finish", "before", "after"),
    [
        ("provision", Finish(OperationState.SUCCEEDED, undone=False), "new", "active"),
        ("provision", Finish(OperationState.FAILED, undone=False), "new", "failed"),
        ("restore", Finish(OperationState.FAILED, undone=True), "suspended", "suspended"),
        ("restore", Finish(OperationState.FAILED, undone=False), "active", "failed"),
        ("restore", Finish(OperationState.CANCELLED, undone=True), "active", "active"),
        ("backup", Finish(OperationState.FAILED, undone=False), "active", "active"),
        ("backup", Finish(OperationState.SUCCEEDED, undone=False), "suspended", "suspended"),
        ("delete", Finish(OperationState.SUCCEEDED, undone=False), "failed", "deleted"),
    ],
)
def test_the_state_of_the_instance_afterwards(kind: str, finish: Finish, before: str, after: str) -> None:
    rule = get_kind(kind).rule
    assert compute_instance_state(finish, rule=rule, before=InstanceState(before)) == after


def test_progress_counts_weights_and_says_100_only_at_the_end() -> None:
    assert compute_progress(make_steps("pppppp"), DEFINITIONS) == 0
    assert compute_progress(make_steps("dppppp"), DEFINITIONS) == 10
    half_way = make_steps("drpppp")
    half_way[1].progress = 50
    assert compute_progress(half_way, DEFINITIONS) == 25
    assert compute_progress(make_steps("dspppp"), DEFINITIONS) == 14, "a skipped step weighs nothing"
    assert compute_progress(make_steps("dddssd"), DEFINITIONS) == 99


def test_delays_double_up_to_a_minute_and_never_agree() -> None:
    jitter = random.Random(1)
    assert 1.5 <= compute_retry_delay(1, jitter=jitter) <= 2.5
    assert 12 <= compute_retry_delay(4, jitter=jitter) <= 20
    late = {compute_retry_delay(attempt, jitter=jitter) for attempt in range(10, 60)}
    assert len(late) == 50
    assert 45 <= min(late) <= max(late) <= 75
