"""Runs that die, are stopped or lose their lease: counted, released at once, and without a write."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import transaction

from domain.states import InstanceState, OperationKind, OperationState, StepState
from operations.claims import claim
from operations.models import Operation
from operations.requests import request_cancel
from operations.runner import MOST_LOST_RUNS, run_operation
from tests.engines import FakeEngine
from tests.operations.conftest import MovedClock, Request

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


class Killed(BaseException):
    """The process ends here, without a word."""


def die_at_once(engine: FakeEngine, how: type[BaseException]) -> None:
    def die(_identifier: str, _name: str) -> None:
        raise how

    engine.before_call = die


def test_a_step_in_which_runs_keep_dying_is_given_up_at_the_limit_and_not_before(
    engine: FakeEngine, ask: Request, clock: MovedClock
) -> None:
    operation = ask(OperationKind.SUSPEND)
    die_at_once(engine, Killed)
    for _ in range(MOST_LOST_RUNS):
        with pytest.raises(Killed):
            run_operation(operation.public_id, clock=clock)
        operation.refresh_from_db()
        assert operation.state == OperationState.RUNNING
        clock.move(31)
    engine.before_call = lambda _identifier, _name: None
    run_operation(operation.public_id, clock=clock)
    step = operation.steps.get()
    assert (step.state, step.error_code) == (StepState.FAILED, "workers_lost")
    assert step.error_params["times"] == MOST_LOST_RUNS


def test_a_run_that_only_waits_is_not_counted_as_lost(ask: Request, clock: MovedClock) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    for _ in range(3):
        next_run_at = run_operation(operation.public_id, clock=clock)
        if next_run_at is not None:
            clock.now = max(clock.now, next_run_at)
    assert all("_lost_runs" not in step.data for step in operation.steps.all())


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, SystemExit])
def test_a_run_that_somebody_stops_gives_its_operation_back_at_once(
    engine: FakeEngine, ask: Request, clock: MovedClock, stopped: type[BaseException]
) -> None:
    operation = ask(OperationKind.SUSPEND)
    die_at_once(engine, stopped)
    with pytest.raises(stopped):
        run_operation(operation.public_id, clock=clock)
    assert claim(operation.public_id, now=clock()) is not None


def test_a_step_whose_run_lost_its_lease_saves_nothing_and_goes_no_further(
    engine: FakeEngine, ask: Request, clock: MovedClock
) -> None:
    operation = ask(OperationKind.SUSPEND)
    before = Operation.objects.values("data").get(pk=operation.pk)

    def steal(_identifier: str, _name: str) -> None:
        Operation.objects.filter(pk=operation.pk).update(lease_owner="another run")

    engine.before_call = steal
    assert run_operation(operation.public_id, clock=clock) is None
    operation.refresh_from_db()
    assert (operation.lease_owner, operation.state) == ("another run", OperationState.RUNNING)
    assert Operation.objects.values("data").get(pk=operation.pk) == before
    assert operation.steps.get().state == StepState.RUNNING, "as it was when the lease was lost"


def test_a_pause_ends_with_the_step_s_deadline(
    engine: FakeEngine, ask: Request, clock: MovedClock, settings: LazySettings
) -> None:
    settings.INIT_TIMEOUT_SECONDS = 100
    engine.poll_seconds = 1000
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    assert run_operation(operation.public_id, clock=clock) == clock.now + timedelta(seconds=100)


def test_the_bell_rings_once_what_was_asked_is_committed_and_not_before(
    ask: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr("operations.doorbell.ring", lambda public_id, **_options: rung.append(public_id))
    with transaction.atomic():
        operation = ask(OperationKind.SUSPEND)
        assert rung == []
    assert rung == [operation.public_id]
    with transaction.atomic():
        request_cancel(operation, requested_by="test")
        assert rung == [operation.public_id]
    assert rung == [operation.public_id] * 2
