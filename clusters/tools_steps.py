"""Steps of the tools: start their pod, keep it until its time is over or somebody cancels, end it."""

from datetime import datetime, timedelta

from django.utils.timezone import localtime

from domain.errors import CiviparoisseError
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from domain.start_stages import PREPARING, StartStage
from operations.outcomes import Done, Outcome, StepContext, Wait
from tenants.specs import select_wanted_components

UNTIL_KEY = "open_until"
# How often the pod is looked at while somebody works in it.
LOOK_SECONDS = 30.0
DEADLINE = "deadline_exceeded"


def open_tools(context: StepContext) -> Outcome:
    """Start the pod and wait until it can be entered; tell how."""
    if context.operation.cancel_requested:
        return Done()
    status = _look(context)
    if status.phase is not JobPhase.RUNNING:
        return _settle(context, status)
    if status.stage < StartStage.READY:
        return Wait(
            message=status.message,
            reached=status.stage,
            is_preparing=status.stage in PREPARING,
            is_hopeless=status.is_hopeless,
        )
    until = context.now + timedelta(minutes=context.parameters["minutes"])
    context.data[UNTIL_KEY] = until.isoformat()
    command = _make_command(context)
    context.log(f"the tools are open until {localtime(until):%H:%M}: {command}")
    return Done(result={"command": command, "until": until.isoformat(timespec="seconds")})


def keep_open(context: StepContext) -> Outcome:
    """Wait until its time is over, or until somebody cancels: that is how to end it."""
    status = _look(context)
    if status.phase is not JobPhase.RUNNING:
        return _settle(context, status)
    left = (datetime.fromisoformat(context.data[UNTIL_KEY]) - context.now).total_seconds()
    if left <= 0 or context.operation.cancel_requested:
        return Done()
    return Wait(message=f"open: {_make_command(context)}", seconds=min(left, LOOK_SECONDS))


def close_tools(context: StepContext) -> Outcome:
    """End the pod, and whoever is in it."""
    context.engine.cancel_job(context.instance.identifier, _make_name(context))
    return Done()


def _make_name(context: StepContext) -> str:
    return f"{JobProgram.TOOLS.value}-{context.operation.public_id}"


def _make_command(context: StepContext) -> str:
    return context.engine.make_tools_command(context.instance.identifier, _make_name(context))


def _look(context: StepContext) -> JobStatus:
    """Return how far its run is; the first look starts it."""
    seconds = context.parameters["minutes"] * 60
    job = JobSpec(name=_make_name(context), program=JobProgram.TOOLS, environment={}, deadline_seconds=seconds)
    return context.engine.run_job(context.make_spec(select_wanted_components(context.instance)), job)


def _settle(context: StepContext, status: JobStatus) -> Done:
    """Return Done for a run that has ended in its time, or by its deadline. Raise CiviparoisseError `job_lost` for one
    that was killed."""
    error = (status.result or {}).get("error") or {}
    if status.phase is JobPhase.SUCCEEDED or error.get("code") == DEADLINE:
        return Done()
    context.log(f"{status.name} was lost: {status.message}")
    about = {"instance": context.instance.identifier, "program": JobProgram.TOOLS.value}
    # Its name runs once: trying again would find the same.
    raise CiviparoisseError("job_lost", retryable=False, **about)
