"""Steps about what an engine starts by itself: one backup at a time, and none while an operation changes the data."""

import dataclasses

from domain.errors import CiviparoisseError
from domain.specs import Component, ComponentPhase, JobPhase, JobProgram, ObservedInstance
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.running import note_running, select_components_before

HELD_KEY = "backups_held"
APPLIED_KEY = "applied"
WAITING_FOR_BACKUP = "waiting for the nightly backup"


def hold_backups(context: StepContext) -> Outcome:
    """Switch the nightly backup off, where the engine starts it by itself, and wait until none is at work.

    It stays off with every spec of an operation whose kind holds backups (KindDefinition), until `release_backups`.
    """
    if not context.engine.runs_schedules or not note_running(context).exists:
        return Done()
    if APPLIED_KEY not in context.step_data:
        context.data[HELD_KEY] = True
        context.save()
        context.engine.apply(context.make_spec(select_components_before(context)))
        context.step_data[APPLIED_KEY] = True
        # One that was begun at the same instant is seen at the next look.
        return Wait(message=WAITING_FOR_BACKUP)
    return await_backup(context)


def await_backup(context: StepContext) -> Outcome:
    """Wait until no backup that the engine started by itself is at work."""
    return Wait(message=WAITING_FOR_BACKUP) if list_running_names(context, JobProgram.BACKUP) else Done()


def end_cron_runs(context: StepContext) -> Outcome:
    """End the cron runs that the engine started by itself; its schedule is off already."""
    names = list_running_names(context, JobProgram.CRON)
    for name in names:
        context.engine.cancel_job(context.instance.identifier, name)
    return Wait() if names else Done()


def release_backups(context: StepContext) -> Outcome:
    """Let the nightly backup run again beside what runs now; also where the rest of the instance cannot be applied."""
    observed = context.engine.observe(context.instance.identifier)
    if observed.exists:
        spec = dataclasses.replace(context.make_spec(select_asked(observed)), backups_held=False)
        try:
            context.engine.apply(spec)
        except CiviparoisseError as error:
            if error.retryable:
                raise
            context.log(f"only the schedules are put back: {error.code}")
            context.engine.release_schedules(spec)
    return Done()


def select_asked(observed: ObservedInstance) -> frozenset[Component]:
    """Return the components that were last asked for, whether they run or fail."""
    return frozenset(
        name for name, component in observed.components.items() if component.phase is not ComponentPhase.STOPPED
    )


def list_running_names(context: StepContext, program: JobProgram) -> list[str]:
    """Return the names of the runs of `program` that the engine started by itself and that are at work."""
    if not context.engine.runs_schedules:
        return []
    runs = context.engine.list_scheduled_runs(context.instance.identifier)
    return [run.name for run in runs if run.program is program and run.phase is JobPhase.RUNNING]
