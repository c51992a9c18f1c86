"""Runs one of our programs beside an instance, as a step: started once, looked at until it has ended."""

from collections.abc import Mapping

from domain.errors import CiviparoisseError, ProgramFailed
from domain.specs import InstanceSpec, JobPhase, JobProgram, JobSpec, JobStatus
from domain.start_stages import PREPARING
from operations.hooks import tell_run
from operations.outcomes import StepContext, Wait

# In the step's data: the run it looks at, for whoever must end it.
RUN_NAME_KEY = "run_name"


def run_step_program(
    context: StepContext,
    *,
    spec: InstanceSpec,
    program: JobProgram,
    deadline_seconds: int,
    environment: Mapping[str, str] | None = None,
    set_of: str | None = None,
) -> JobStatus | Wait:
    """Start the step's run of `program` unless it was started, and return Wait until it has succeeded.

    The name of the run is fixed by operation, step and number of the try, so that a runner that died in between
    finds its run again and never starts a second. Raise ProgramFailed with the program's own error, or
    CiviparoisseError `job_lost`; the next try then has a new name.
    """
    number = context.step_data.setdefault("run", 1)
    name = f"{program.value}-{context.operation.public_id}-{context.step.position}-{number}"
    context.step_data[RUN_NAME_KEY] = name
    job = JobSpec(
        name=name,
        program=program,
        environment=environment or {},
        deadline_seconds=deadline_seconds,
        set_of=set_of,
    )
    status = context.engine.run_job(spec, job)
    if status.phase is JobPhase.RUNNING:
        return Wait(
            message=status.message,
            progress=status.progress,
            reached=status.stage,
            is_preparing=status.stage in PREPARING,
            is_hopeless=status.is_hopeless,
        )
    tell_run(context.instance, program=program.value, status=status, now=context.now)
    if status.phase is JobPhase.SUCCEEDED:
        return status
    if status.log_tail:
        context.log(f"end of the log of {name} ({status.phase.value}):\n{status.log_tail}")
    context.step_data["run"] = number + 1
    if status.phase is JobPhase.LOST:
        if status.message:
            context.log(f"{name} was lost: {status.message}")
        raise CiviparoisseError("job_lost", instance=spec.identifier, program=program.value)
    raise make_program_error(spec.identifier, program, status)


def make_program_error(identifier: str, program: JobProgram, status: JobStatus) -> ProgramFailed:
    """Return the error of a run that ended badly, with what the program itself said."""
    reported = (status.result or {}).get("error") or {}
    return ProgramFailed(
        retryable=bool(reported.get("retryable", False)),
        **{
            **(reported.get("params") or {}),
            "instance": identifier,
            "program": program.value,
            "code": reported.get("code", "unknown"),
            "message": reported.get("message", status.message),
            "hint": reported.get("hint", ""),
        },
    )
