"""A program is started once per name, looked at until it ends, and its own error is told."""

import pytest

from domain.errors import CiviparoisseError, ProgramFailed
from domain.specs import JobPhase, JobProgram, JobStatus
from domain.states import InstanceState, OperationKind
from operations.outcomes import StepContext, Wait
from operations.steps.programs import RUN_NAME_KEY, make_program_error, run_step_program
from tests.engines import FakeEngine
from tests.operations.steps.conftest import MakeContext

pytestmark = pytest.mark.django_db(transaction=True)


def run(context: StepContext) -> JobStatus | Wait:
    spec = context.make_spec(frozenset())
    return run_step_program(context, spec=spec, program=JobProgram.INIT, deadline_seconds=60)


@pytest.fixture
def context(make_context: MakeContext) -> StepContext:
    return make_context(OperationKind.PROVISION, "initialise", state=InstanceState.NEW)


def test_a_program_is_started_once_however_often_it_is_looked_at(context: StepContext, engine: FakeEngine) -> None:
    waiting = run(context)
    assert isinstance(waiting, Wait)
    assert (waiting.progress, waiting.message) == (50, "half-way")
    for _ in range(3):
        ended = run(context)
        assert isinstance(ended, JobStatus)
    assert engine.list_effects("saint-paul") == ["run init"]


def test_the_name_holds_the_operation_the_step_and_the_try(context: StepContext) -> None:
    run(context)
    assert context.step_data[RUN_NAME_KEY] == f"init-{context.operation.public_id}-1-1"


@pytest.mark.parametrize(("code", "expected"), [("lost", "job_lost"), ("disk_full", "program_failed")])
def test_after_a_bad_end_the_next_try_has_a_new_name(
    context: StepContext, engine: FakeEngine, code: str, expected: str
) -> None:
    engine.fail("saint-paul", "run_job init", times=1, code=code)
    run(context)
    with pytest.raises(CiviparoisseError) as failed:
        run(context)
    assert failed.value.code == expected
    run(context)
    assert context.step_data[RUN_NAME_KEY].endswith("-2")
    assert engine.count_effects("saint-paul")["run init"] == 2


def test_why_a_run_was_lost_is_in_the_operation_s_log(context: StepContext, engine: FakeEngine) -> None:
    told: list[str] = []
    context.log = told.append
    engine.fail("saint-paul", "run_job init", times=1, code="lost")
    run(context)
    with pytest.raises(CiviparoisseError):
        run(context)
    assert told == [f"{context.step_data[RUN_NAME_KEY]} was lost: it was killed"]


def test_a_program_s_error_is_told_with_its_own_words() -> None:
    reported = {
        "code": "no_space",
        "message": "no space left",
        "hint": "free some",
        "retryable": True,
        "params": {"n": 1},
    }
    status = JobStatus(name="x", phase=JobPhase.FAILED, result={"ok": False, "error": reported})
    error = make_program_error("saint-paul", JobProgram.BACKUP, status)
    assert isinstance(error, ProgramFailed)
    assert error.retryable
    assert error.params == {
        "instance": "saint-paul",
        "program": "backup",
        "code": "no_space",
        "message": "no space left",
        "hint": "free some",
        "n": 1,
    }


def test_a_program_that_reported_nothing_is_not_retried() -> None:
    error = make_program_error(
        "saint-paul", JobProgram.INIT, JobStatus(name="x", phase=JobPhase.FAILED, message="gone")
    )
    assert (error.retryable, error.params["code"], error.params["message"]) == (False, "unknown", "gone")
