"""What an end writes on the operation and on its instance."""

import pytest
from django.utils import timezone

from domain.states import InstanceState, OperationKind, OperationState, StepState
from operations.endings import finish_operation
from operations.models import Operation
from operations.progression import Finish
from operations.requests import request_operation
from tests.operations.conftest import Request

pytestmark = pytest.mark.django_db(transaction=True)


def end(operation: Operation, state: OperationState, *, undone: bool) -> Operation:
    operation.state = OperationState.RUNNING.value
    steps = list(operation.steps.order_by("position"))
    finish_operation(operation, steps, finish=Finish(state, undone=undone), now=timezone.now())
    return Operation.objects.select_related("instance").get(pk=operation.pk)


def test_an_end_frees_the_instance(ask: Request) -> None:
    ended = end(ask(OperationKind.SUSPEND), OperationState.SUCCEEDED, undone=False)
    assert (ended.lock, ended.lease_owner, ended.lease_until, ended.next_run_at) == (None, "", None, None)
    assert ended.progress == 100
    assert ended.ended_at is not None


def test_the_first_failure_by_phase_is_the_operation_s(ask: Request) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    operation.steps.filter(name="smoke_test").update(state="failed", error_code="engine_unavailable")
    operation.steps.filter(name="prepare").update(state="failed", error_code="job_lost", phase="always")
    assert end(operation, OperationState.FAILED, undone=False).error_code == "engine_unavailable"


def test_the_result_is_that_of_the_last_step_with_one(ask: Request) -> None:
    operation = ask(OperationKind.RESUME, state=InstanceState.SUSPENDED)
    operation.steps.filter(name="start").update(state=StepState.DONE, result={"from": "start"})
    assert end(operation, OperationState.SUCCEEDED, undone=False).result == {"from": "start"}


def test_a_failed_instance_stays_failed_for_the_old_reason_when_nothing_was_touched(ask: Request) -> None:
    operation = ask(OperationKind.SUSPEND, state=InstanceState.FAILED)
    assert operation.instance is not None
    operation.instance.error_code = "init_incomplete"
    operation.instance.save(update_fields=["error_code"])
    ended = end(operation, OperationState.FAILED, undone=True)
    assert ended.instance is not None
    assert (ended.instance.state, ended.instance.error_code) == (InstanceState.FAILED, "init_incomplete")


def test_a_failed_instance_keeps_why_and_of_what_until_it_is_well_again(ask: Request) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    params = {"instance": "saint-paul", "program": "init"}
    operation.steps.filter(name="smoke_test").update(state="failed", error_code="job_lost", error_params=params)
    failed = end(operation, OperationState.FAILED, undone=False).instance
    assert failed is not None
    assert (failed.state, failed.error_code, failed.error_params) == (InstanceState.FAILED, "job_lost", params)
    resuming = request_operation(kind=OperationKind.RESUME, instance=failed, requested_by="test", parameters={})
    resumed = end(resuming, OperationState.SUCCEEDED, undone=False).instance
    assert resumed is not None
    assert (resumed.state, resumed.error_code, resumed.error_params) == (InstanceState.ACTIVE, "", {})


def test_the_end_of_an_operation_whose_instance_is_gone_is_written(ask: Request) -> None:
    ask(OperationKind.SUSPEND)
    Operation.objects.update(instance=None)
    ended = end(Operation.objects.get(), OperationState.FAILED, undone=True)
    assert (ended.state, ended.lock, ended.subject) == ("failed", None, "saint-paul")


def test_an_operation_that_has_ended_is_never_ended_again(ask: Request) -> None:
    ended = end(ask(OperationKind.SUSPEND), OperationState.SUCCEEDED, undone=False)
    with pytest.raises(AssertionError):
        finish_operation(ended, [], finish=Finish(OperationState.FAILED, undone=False), now=timezone.now())
