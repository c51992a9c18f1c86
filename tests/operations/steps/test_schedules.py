"""One backup at a time: the engine's own is waited for, and stays off while an operation changes the data."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.fleet import ScheduledRun
from domain.specs import ALL_COMPONENTS, Component, InstanceSpec, JobPhase, JobProgram, ObservedInstance
from domain.states import InstanceState, OperationKind, OperationState, StepState
from operations.outcomes import Done, Wait
from operations.steps.schedules import (
    await_backup,
    end_cron_runs,
    hold_backups,
    list_running_names,
    release_backups,
)
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, Request
from tests.operations.steps.conftest import MakeContext
from tests.rows import make_plan_row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def scheduling(engine: FakeEngine) -> None:
    """An engine with schedules of its own, and a plan to change to."""
    engine.runs_schedules = True
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    make_plan_row("other")


@pytest.fixture
def held(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the nightly backup was off in each spec that was applied."""
    seen: list[bool] = []
    apply: Callable[[InstanceSpec], ObservedInstance] = engine.apply

    def watch(spec: InstanceSpec) -> ObservedInstance:
        seen.append(spec.backups_held)
        return apply(spec)

    monkeypatch.setattr(engine, "apply", watch)
    return seen


def make_run(program: JobProgram, phase: JobPhase = JobPhase.RUNNING) -> ScheduledRun:
    return ScheduledRun(name=f"{program.value}-{phase.value}", program=program, phase=phase, started_at=timezone.now())


def test_a_backup_at_work_is_waited_for_with_the_schedule_off(
    engine: FakeEngine, ask: Request, finish: Finish, held: list[bool]
) -> None:
    engine.set_scheduled_runs("saint-paul", make_run(JobProgram.BACKUP))
    operation = ask(OperationKind.RESIZE, plan="other")
    looks = 0

    def end_it(_identifier: str, name: str) -> None:
        nonlocal looks
        looks += name == "observe"
        if name == "observe" and looks == 5:
            assert operation.steps.get(name="set_plan").state == StepState.PENDING
            engine.set_scheduled_runs("saint-paul", make_run(JobProgram.BACKUP, JobPhase.SUCCEEDED))

    engine.before_call = end_it
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED
    assert looks >= 5
    assert held[0] and held[-2] and not held[-1], "off until the very last"


def test_a_backup_that_does_not_end_stops_the_operation_before_anything_is_touched(
    engine: FakeEngine, ask: Request, finish: Finish, held: list[bool]
) -> None:
    engine.set_scheduled_runs("saint-paul", make_run(JobProgram.BACKUP))
    operation = ask(OperationKind.RESIZE, plan="other")
    # The clock of the test runs to each next look; the deadline is two hours away.
    engine.poll_seconds = 600
    finish(operation)
    assert operation.error_code == "deadline_exceeded"
    assert "nightly backup" in operation.error_params["detail"]
    assert operation.instance is not None and operation.instance.state == InstanceState.ACTIVE
    assert held == [True, False]


def test_an_engine_without_schedules_of_its_own_is_asked_nothing(engine: FakeEngine, make_context: MakeContext) -> None:
    engine.runs_schedules = False
    context = make_context(OperationKind.RESIZE, "hold_backups", plan="other")
    assert hold_backups(context) == await_backup(context) == end_cron_runs(context) == Done()
    assert engine.list_calls("saint-paul") == []


def test_what_does_not_exist_is_not_made(engine: FakeEngine, make_context: MakeContext) -> None:
    context = make_context(OperationKind.PROVISION, "prepare", slug="saint-jean", state=InstanceState.NEW)
    assert hold_backups(context) == release_backups(context) == Done()
    assert engine.list_effects("saint-jean") == []


def test_cron_runs_at_work_are_ended(engine: FakeEngine, make_context: MakeContext) -> None:
    context = make_context(OperationKind.BACKUP, "begin")
    engine.set_scheduled_runs("saint-paul", make_run(JobProgram.CRON), make_run(JobProgram.BACKUP))
    assert isinstance(end_cron_runs(context), Wait)
    assert engine.list_calls("saint-paul") == ["cancel_job"]
    assert list_running_names(context, JobProgram.CRON) == ["cron-running"]
    engine.set_scheduled_runs("saint-paul", make_run(JobProgram.CRON, JobPhase.LOST))
    assert end_cron_runs(context) == Done()


def test_letting_go_changes_nothing_that_runs(engine: FakeEngine, make_context: MakeContext) -> None:
    engine.set_up("saint-paul", running=frozenset({Component.DB}))
    context = make_context(OperationKind.RESIZE, "release_backups", plan="other")
    release_backups(context)
    assert engine.list_effects("saint-paul") == []
    assert set(engine.observe("saint-paul").components) == {Component.DB}


def test_the_nightly_backup_is_put_back_although_the_rest_cannot_be_applied(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    operation = ask(OperationKind.RESIZE, plan="other")

    def refuse(_identifier: str, name: str) -> None:
        if name == "apply" and operation.steps.get(name="set_plan").state == StepState.DONE:
            raise CiviparoisseError("volume_shrinks", instance="saint-paul")

    engine.before_call = refuse
    finish(operation)
    assert operation.state == OperationState.FAILED
    assert [spec.backups_held for spec in engine.released] == [False]
    assert operation.steps.get(name="release_backups").state == StepState.DONE
