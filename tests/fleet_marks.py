"""Marks in the engine that counts where each step begins and is over, so that a worker can be made to stand there."""

from operations import runner
from operations.kinds import import_dotted
from operations.outcomes import Done, Outcome, StepContext, StepFunction
from tests.engines import FakeEngine

BEGUN, OVER = "begun ", "over "


def mark_steps() -> None:
    """Have the runner of this process mark every step. What it looks steps up with is the one seam between the
    recording of a step and its work."""
    runner.import_dotted = lambda path: mark_step(import_dotted(path))  # type: ignore[attr-defined]


def mark_step(function: StepFunction) -> StepFunction:
    """Return the step with a mark before all that it does, and one after it, when none of it is recorded yet."""

    def run(context: StepContext) -> Outcome:
        engine, subject, name = context.engine, context.operation.subject, context.step.name
        if not isinstance(engine, FakeEngine):
            return function(context)
        engine.mark(subject, f"{BEGUN}{name}")
        outcome = function(context)
        if isinstance(outcome, Done):
            engine.mark(subject, f"{OVER}{name}")
        return outcome

    return run
