"""What comes next in an operation. Pure: rows and definitions in, a decision out; the runner acts on it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.states import InstanceState, KindRule, OperationState, StepPhase, StepState
from operations.declarations import StepDefinition
from operations.models import OperationStep

RETRY_FIRST_SECONDS = 2.0
RETRY_LONGEST_SECONDS = 60.0
OPEN_STATES = frozenset({StepState.PENDING.value, StepState.RUNNING.value})


class Ending(StrEnum):
    """Why the main steps stopped before their end; kept in the operation's data under ENDING_KEY."""

    FAILED = "failed"
    CANCELLED = "cancelled"


ENDING_KEY = "_ending"


@dataclass(frozen=True, slots=True)
class RunStep:
    """Run this step now."""

    step: OperationStep


@dataclass(frozen=True, slots=True)
class SkipStep:
    """This step has nothing to do: record it as skipped."""

    step: OperationStep


@dataclass(frozen=True, slots=True)
class StopMain:
    """Begin the end: no further main step runs."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class Finish:
    """Every step is settled. `undone`: what had been changed was put back, or nothing had been."""

    state: OperationState
    undone: bool


Decision = RunStep | SkipStep | StopMain | Finish


def select_next(
    steps: Sequence[OperationStep],
    *,
    definitions: Mapping[str, StepDefinition],
    flags: Mapping[str, Any],
    ending: Ending | None,
    cancel_requested: bool,
) -> Decision:
    """Return what to do next. `flags`: the operation's data over its parameters, for StepDefinition.when."""
    if ending is None and _has_failed(steps, StepPhase.MAIN):
        return StopMain(Ending.FAILED)
    for phase in (StepPhase.MAIN, StepPhase.ROLLBACK, StepPhase.ALWAYS):
        for step in steps:
            if step.phase != phase or step.state not in OPEN_STATES:
                continue
            if phase is StepPhase.MAIN and ending is None and cancel_requested and step.state == StepState.PENDING:
                return StopMain(Ending.CANCELLED)
            if _is_wanted(step, steps=steps, definitions=definitions, flags=flags, ending=ending):
                return RunStep(step)
            return SkipStep(step)
    return _make_finish(steps, definitions=definitions, ending=ending)


def _is_wanted(
    step: OperationStep,
    *,
    steps: Sequence[OperationStep],
    definitions: Mapping[str, StepDefinition],
    flags: Mapping[str, Any],
    ending: Ending | None,
) -> bool:
    if step.state == StepState.RUNNING:
        return True
    if step.phase == StepPhase.MAIN and ending is not None:
        return False
    if step.phase == StepPhase.ROLLBACK and (
        ending is None or not has_touched_data(steps, definitions) or _has_failed(steps, StepPhase.ROLLBACK)
    ):
        return False
    when = definitions[step.name].when
    return when is None or bool(flags.get(when))


def has_touched_data(steps: Sequence[OperationStep], definitions: Mapping[str, StepDefinition]) -> bool:
    """Return whether a main step that changes the instance had begun."""
    return any(
        step.phase == StepPhase.MAIN and step.started_at is not None and definitions[step.name].touches_data
        for step in steps
    )


def _has_failed(steps: Sequence[OperationStep], phase: StepPhase) -> bool:
    return any(step.phase == phase and step.state == StepState.FAILED for step in steps)


def _make_finish(
    steps: Sequence[OperationStep], *, definitions: Mapping[str, StepDefinition], ending: Ending | None
) -> Finish:
    restarted = not _has_failed(steps, StepPhase.ALWAYS)
    if ending is None:
        return Finish(OperationState.SUCCEEDED if restarted else OperationState.FAILED, undone=False)
    rollback = [step for step in steps if step.phase == StepPhase.ROLLBACK]
    put_back = bool(rollback) and not _has_failed(steps, StepPhase.ROLLBACK)
    undone = restarted and (put_back or not has_touched_data(steps, definitions))
    cancelled = ending is Ending.CANCELLED and not any(step.state == StepState.FAILED for step in steps)
    return Finish(OperationState.CANCELLED if cancelled else OperationState.FAILED, undone=undone)


def compute_instance_state(finish: Finish, *, rule: KindRule, before: InstanceState) -> InstanceState:
    """Return the instance's state once an operation under `rule` has ended so."""
    if finish.state is OperationState.SUCCEEDED:
        return rule.on_success or before
    return before if finish.undone else rule.on_failure or before


def compute_progress(steps: Sequence[OperationStep], definitions: Mapping[str, StepDefinition]) -> int:
    """Return the operation's progress in percent, by the weights of the steps that are not skipped; 99 at most:
    100 is said at the end. Rollback steps do not count."""
    counted = [s for s in steps if s.phase != StepPhase.ROLLBACK and s.state != StepState.SKIPPED]
    total = sum(definitions[step.name].weight for step in counted)
    done = sum(
        definitions[step.name].weight * (100 if step.state == StepState.DONE else step.progress) for step in counted
    )
    return min(99, done // total) if total else 0


def compute_retry_delay(attempt: int, *, jitter: random.Random) -> float:
    """Return the seconds before attempt number `attempt` + 1: doubled each time, up to a minute, ± a quarter so
    that many operations do not ask a recovering engine at the same instant."""
    delay = min(RETRY_LONGEST_SECONDS, RETRY_FIRST_SECONDS * 2.0 ** (attempt - 1))
    factor: float = jitter.uniform(0.75, 1.25)
    return delay * factor
