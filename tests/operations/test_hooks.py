"""Higher layers are told of every change, in its transaction, and of every run."""

from collections.abc import Sequence

import pytest
from django.db import connection

from domain.specs import JobPhase, JobStatus
from domain.states import InstanceState, OperationKind, OperationState
from operations import hooks
from operations.models import Operation
from operations.requests import request_operation
from operations.schedule import run_due_crons
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock, Request
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)

Told = list[tuple[str, str, str]]
TOLD: Told = []


def note_change(instance: object, *, operation: Operation, now: object) -> None:
    """A listener of this test."""
    assert connection.in_atomic_block and now is not None
    TOLD.append(("change", operation.kind, str(getattr(instance, "state", ""))))


def note_step(_instance: object, *, operation: Operation, step: str, now: object) -> None:
    """A listener of this test."""
    assert connection.in_atomic_block and now is not None
    TOLD.append(("step", operation.kind, step))


def note_run(_instance: object, *, program: str, status: JobStatus, now: object) -> None:
    """A listener of this test."""
    assert now is not None
    TOLD.append(("run", program, status.phase.value))


def note_runs(runs: Sequence[hooks.EndedRun], *, now: object) -> None:
    """A listener of this test."""
    assert connection.in_atomic_block and now is not None
    TOLD.extend(("run", run.program, run.status.phase.value) for run in runs)


def break_off(_instance: object, *, operation: Operation, now: object) -> None:
    """A listener of this test that fails."""
    raise RuntimeError(f"{operation} at {now}")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    TOLD.clear()
    for name in ("_change_listeners", "_step_listeners", "_run_listeners", "_scheduled_runs_listeners"):
        monkeypatch.setattr(hooks, name, [])
    hooks.register_listeners(change=note_change, step=note_step, run=note_run, scheduled_runs=note_runs)
    return TOLD


@pytest.mark.usefixtures("engine")
def test_a_beginning_a_run_and_an_end_are_told_in_order(ask: Request, finish: Finish, told: Told) -> None:
    assert finish(ask(OperationKind.PROVISION, state=InstanceState.NEW)).state == OperationState.SUCCEEDED
    assert told == [
        ("change", "provision", "provisioning"),
        ("step", "provision", "prepare"),
        ("run", "init", JobPhase.SUCCEEDED.value),
        ("step", "provision", "initialise"),
        ("step", "provision", "start_database"),
        ("step", "provision", "check_data"),
        ("step", "provision", "start_site"),
        ("step", "provision", "smoke_test"),
        ("change", "provision", "active"),
    ]


def test_a_failed_run_is_told_too(ask: Request, finish: Finish, engine: FakeEngine, told: Told) -> None:
    engine.fail("saint-paul", "run_job init", times=9, code="init_failed")
    assert finish(ask(OperationKind.PROVISION, state=InstanceState.NEW)).state == OperationState.FAILED
    assert ("run", "init", JobPhase.FAILED.value) in told
    assert told[-1] == ("change", "provision", "failed")


def test_a_scheduled_run_is_told_once(engine: FakeEngine, clock: MovedClock, told: Told) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    engine.set_up("saint-paul")
    instance.cron_next_run_at = clock()
    instance.save()
    for _ in range(4):
        run_due_crons(now=clock())
        clock.move(1)
    assert told == [("run", "cron", JobPhase.SUCCEEDED.value)]


def test_a_listener_that_breaks_leaves_nothing_written(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.name == "fake"
    monkeypatch.setattr(hooks, "_change_listeners", [])
    hooks.register_listeners(change=break_off)
    instance = make_instance_row(state=InstanceState.ACTIVE)
    with pytest.raises(RuntimeError):
        request_operation(kind=OperationKind.SUSPEND, instance=instance, requested_by="test")
    instance.refresh_from_db()
    assert (instance.state, Operation.objects.count()) == (InstanceState.ACTIVE.value, 0)
