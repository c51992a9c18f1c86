"""What went wrong is found and told by its cause."""

import pytest
from django.utils import timezone

from backups.restore_steps import restore
from backups.steps import begin, take
from domain.states import OperationKind, StepPhase, StepState
from operations.steps.failures import describe_step_failure, end_runs, find_failed, has_begun, is_done, select_cause
from operations.steps.programs import RUN_NAME_KEY
from tests.engines import FakeEngine
from tests.operations.steps.conftest import MakeContext

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_first_failed_step_of_a_phase_is_found(make_context: MakeContext) -> None:
    context = make_context(OperationKind.BACKUP, "settle")
    assert find_failed(context, StepPhase.MAIN) is None
    steps = context.operation.steps
    steps.filter(name__in=["take", "start_database", "put_back"]).update(state=StepState.FAILED.value)
    failed = find_failed(context, StepPhase.MAIN)
    assert failed is not None and failed.name == "start_database"
    assert find_failed(context, StepPhase.ROLLBACK) is None


def test_a_step_that_was_started_has_begun(make_context: MakeContext) -> None:
    context = make_context(OperationKind.BACKUP, "settle")
    context.operation.steps.filter(name="begin").update(started_at=timezone.now())
    assert [has_begun(context, work) for work in (begin, take, restore)] == [True, False, False]


def test_a_step_is_done_when_it_is_recorded_so(make_context: MakeContext) -> None:
    context = make_context(OperationKind.BACKUP, "settle")
    context.operation.steps.filter(name="begin").update(state=StepState.DONE.value)
    assert [is_done(context, work) for work in (begin, take, restore)] == [True, False, False]


def test_the_cause_is_the_program_s_own() -> None:
    assert select_cause("program_failed", {"code": "no_space", "message": "full"}) == {
        "cause": "no_space",
        "detail": "full",
    }
    assert select_cause("deadline_exceeded", {"detail": "waiting"})["cause"] == "deadline_exceeded"


def test_a_failure_is_described_with_its_parameters(make_context: MakeContext) -> None:
    step = make_context(OperationKind.BACKUP, "take").step
    step.error_code, step.error_params = "job_lost", {"instance": "saint-paul"}
    assert describe_step_failure(step) == {
        "cause": "job_lost",
        "detail": "",
        "cause_params": {"instance": "saint-paul"},
    }


def test_runs_of_failed_steps_are_ended(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.BACKUP, "settle")
    context.operation.steps.filter(name="take").update(state=StepState.FAILED.value, data={RUN_NAME_KEY: "run"})
    context.operation.steps.filter(name="begin").update(state=StepState.DONE.value, data={RUN_NAME_KEY: "other"})
    end_runs(context)
    assert engine.list_calls("saint-paul") == ["cancel_job"]
