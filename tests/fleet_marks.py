"""Marks in the engine that counts where each step begins and is over, so that a worker can be made to stand there."""

from operations import runner
from operations.declarations import StepDefinition
from operations.outcomes import Done, Outcome, StepContext, StepFunction
from tests.engines import FakeEngine

BEGUN, OVER = "begun ", "over "


def mark_steps() -> None:
    """Have the runner of this process mark every step, between the recording of the step and its work."""

    def perform(definition: StepDefinition, context: StepContext) -> Outcome:
        return mark_step(definition.function)(context)

    runner.perform = perform


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
