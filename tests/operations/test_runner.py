"""What the runner makes of steps that are done, wait, fail, or are interrupted; the engine is counted."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from domain.errors import CiviparoisseError
from domain.specs import ALL_COMPONENTS, Component, ComponentPhase, ObservedComponent, ObservedInstance
from domain.states import ENDED_OPERATION_STATES, InstanceState, OperationKind, OperationState, StepState
from operations.models import Operation
from operations.requests import request_cancel
from operations.runner import make_json_safe, run_operation
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock, Request
from tests.rows import make_plan_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


def test_a_provisioning_makes_an_active_instance_with_every_effect_once(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    operation = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW))
    assert (operation.state, operation.progress, operation.lock) == (OperationState.SUCCEEDED, 100, None)
    assert operation.result["url"] == "http://saint-paul.test"
    assert operation.instance is not None
    assert (operation.instance.state, operation.instance.url) == (InstanceState.ACTIVE, "http://saint-paul.test")
    assert engine.list_effects("saint-paul") == ["make volumes", "run init", "start db", "start cron", "start httpd"]
    assert {step.state for step in operation.steps.all()} == {StepState.DONE}


def test_the_engine_says_how_soon_it_is_worth_asking_again(ask: Request, clock: MovedClock, engine: FakeEngine) -> None:
    engine.poll_seconds = 3
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    assert run_operation(operation.public_id, clock=clock) == clock.now + timedelta(seconds=3)


def test_a_wait_holds_no_lease_and_costs_no_attempt(ask: Request, clock: MovedClock, engine: FakeEngine) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    next_run_at = run_operation(operation.public_id, clock=clock)
    operation.refresh_from_db()
    assert (operation.state, operation.lease_owner, operation.lease_until) == (OperationState.WAITING, "", None)
    assert operation.next_run_at == next_run_at == clock.now + timedelta(seconds=engine.poll_seconds)
    step = operation.steps.get(state=StepState.RUNNING)
    assert (step.name, step.attempt, step.progress, step.message) == ("initialise", 1, 50, "half-way")
    assert run_operation(operation.public_id, clock=clock) is None, "not due yet"


def test_a_retryable_fault_is_tried_again_later_and_later(engine: FakeEngine, ask: Request, clock: MovedClock) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    engine.fail("saint-paul", "apply", times=3)
    delays = []
    for _ in range(3):
        next_run_at = run_operation(operation.public_id, clock=clock)
        assert next_run_at is not None
        delays.append((next_run_at - clock.now).total_seconds())
        clock.now = next_run_at
    assert all(lowest <= delay <= lowest / 0.75 * 1.25 for lowest, delay in zip((1.5, 3, 6), delays, strict=True))
    assert delays == sorted(set(delays))
    run_operation(operation.public_id, clock=clock)
    step = operation.steps.get(name="prepare")
    assert (step.state, step.attempt, step.error_code) == (StepState.DONE, 4, "")


def test_a_cluster_that_does_not_answer_is_waited_for_until_the_deadline(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    engine.fail("saint-paul", "apply", times=7, code="cluster_unreachable")
    finish(operation)
    assert (operation.state, operation.steps.get(name="prepare").attempt) == (OperationState.SUCCEEDED, 8)
    longer = ask(OperationKind.PROVISION, state=InstanceState.NEW, slug="sainte-marie")
    engine.fail("sainte-marie", "apply", times=999, code="cluster_unreachable")
    finish(longer)
    assert (longer.state, longer.error_code) == (OperationState.FAILED, "cluster_unreachable")


def test_what_puts_things_back_waits_for_an_account_that_is_refused(
    engine: FakeEngine, ask: Request, clock: MovedClock
) -> None:
    """For hours: until somebody gives the cluster a new kubeconfig."""
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    make_plan_row("other")
    operation = ask(OperationKind.RESIZE, plan="other")
    refused_from = clock.now
    until = clock.now + timedelta(hours=2)
    set_plan = operation.steps.get(name="set_plan")

    def refuse(identifier: str, name: str) -> None:
        set_plan.refresh_from_db()
        if name == "apply" and clock.now < until and set_plan.state == StepState.DONE:
            raise CiviparoisseError("cluster_account_refused", instance=identifier)

    engine.before_call = refuse
    for _ in range(80):
        run_operation(operation.public_id, clock=clock)
        operation.refresh_from_db()
        if operation.state in ENDED_OPERATION_STATES:
            break
        clock.move(200)
    assert operation.state == OperationState.FAILED and clock.now - refused_from > timedelta(hours=1)
    assert operation.steps.get(name="undo_apply").state == StepState.DONE
    assert Instance.objects.get().state == InstanceState.ACTIVE


def test_a_fault_that_stays_fails_the_step_and_the_instance(engine: FakeEngine, ask: Request, finish: Finish) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    engine.fail("saint-paul", "apply", times=99)
    finish(operation)
    assert (operation.state, operation.error_code, operation.lock) == ("failed", "engine_unavailable", None)
    assert operation.result == {"rolled_back": False}
    states = {step.name: step.state for step in operation.steps.all()}
    assert states.pop("prepare") == StepState.FAILED
    assert set(states.values()) == {StepState.SKIPPED}
    assert operation.steps.get(name="prepare").attempt == 5
    instance = operation.instance
    assert instance is not None
    assert (instance.state, instance.error_code) == (InstanceState.FAILED, "engine_unavailable")


def test_a_program_that_fails_for_good_is_not_tried_again(engine: FakeEngine, ask: Request, finish: Finish) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    engine.fail("saint-paul", "run_job init", times=1, code="missing_privilege")
    finish(operation)
    assert (operation.state, operation.error_code) == ("failed", "program_failed")
    assert operation.error_params["code"] == "missing_privilege"
    assert engine.count_effects("saint-paul")["run init"] == 1


def test_a_lost_run_is_started_again_under_another_name(engine: FakeEngine, ask: Request, finish: Finish) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    engine.fail("saint-paul", "run_job init", times=1, code="lost")
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED
    assert engine.count_effects("saint-paul")["run init"] == 2


def test_a_success_clears_the_error_of_the_instance(ask: Request, finish: Finish) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.FAILED)
    assert operation.instance is not None
    operation.instance.error_code = "engine_unavailable"
    operation.instance.save(update_fields=["error_code"])
    finish(operation)
    operation.instance.refresh_from_db()
    assert (operation.instance.state, operation.instance.error_code) == (InstanceState.ACTIVE, "")


def test_a_cancel_before_the_first_step_leaves_everything_as_it_was(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    request_cancel(operation, requested_by="test")
    finish(operation)
    assert (operation.state, operation.lock, operation.error_code) == ("cancelled", None, "")
    assert operation.instance is not None
    assert operation.instance.state == InstanceState.NEW
    assert engine.list_calls("saint-paul") == []


def test_a_cancel_takes_effect_between_steps(
    engine: FakeEngine, ask: Request, finish: Finish, clock: MovedClock
) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    run_operation(operation.public_id, clock=clock)
    request_cancel(operation, requested_by="test")
    clock.move(1)
    finish(operation)
    assert operation.state == OperationState.CANCELLED
    assert operation.steps.get(name="initialise").state == StepState.DONE
    assert "start db" not in engine.list_effects("saint-paul")
    assert operation.instance is not None
    assert (operation.instance.state, operation.instance.error_code) == (InstanceState.FAILED, "operation_cancelled")


def test_a_deletion_cancelled_before_the_purge_starts_again_what_ran(
    engine: FakeEngine, ask: Request, finish: Finish, clock: MovedClock
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = ask(OperationKind.DELETE, final_backup=False, confirm="saint-paul")
    engine.fail("saint-paul", "suspend", times=1)
    run_operation(operation.public_id, clock=clock)
    request_cancel(operation, requested_by="test")
    clock.move(1)
    finish(operation)
    assert (operation.state, operation.result) == (OperationState.CANCELLED, {"rolled_back": True})
    assert operation.instance is not None
    assert operation.instance.state == InstanceState.ACTIVE
    assert engine.list_effects("saint-paul") == []


def test_a_deletion_that_fails_once_data_may_be_gone_is_not_undone(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = ask(OperationKind.DELETE, final_backup=False, confirm="saint-paul")
    engine.fail("saint-paul", "delete keep_backups=True", times=99)
    finish(operation)
    assert (operation.state, operation.error_code) == ("failed", "engine_unavailable")
    assert operation.steps.get(name="put_servers_back").error_code == "purge_incomplete"
    assert operation.instance is not None
    assert operation.instance.state == InstanceState.FAILED


def test_a_step_that_waits_too_long_fails_with_its_deadline(
    engine: FakeEngine, ask: Request, finish: Finish, settings: LazySettings
) -> None:
    settings.READY_TIMEOUT_SECONDS = 30
    operation = ask(OperationKind.RESUME, state=InstanceState.SUSPENDED)
    engine.set_up("saint-paul")
    engine.fail("saint-paul", "stay down", times=1)
    finish(operation)
    assert operation.error_code == "deadline_exceeded"
    assert operation.error_params["seconds"] == 30
    step = operation.steps.get(name="start")
    assert step.ended_at is not None
    assert step.started_at is not None
    assert (step.ended_at - step.started_at).total_seconds() == 30


def test_a_start_without_hope_ends_with_its_reason_long_before_the_deadline(
    engine: FakeEngine, ask: Request, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = ask(OperationKind.RESUME, state=InstanceState.SUSPENDED)
    engine.set_up("saint-paul")
    stuck = ObservedComponent(phase=ComponentPhase.FAILED, detail="ErrImagePull: not found", is_hopeless=True)
    seen = ObservedInstance(identifier="saint-paul", exists=True, initialised=True, components={Component.DB: stuck})
    monkeypatch.setattr(engine, "resume", lambda _spec: seen)
    finish(operation)
    assert operation.error_code == "start_impossible"
    assert operation.error_params["detail"] == "db: ErrImagePull: not found"
    step = operation.steps.get(name="start")
    assert step.ended_at and step.started_at and (step.ended_at - step.started_at).total_seconds() < 60


def test_a_fault_nobody_foresaw_is_logged_and_tried_again(
    engine: FakeEngine, ask: Request, finish: Finish, caplog: pytest.LogCaptureFixture
) -> None:
    operation = ask(OperationKind.SUSPEND)
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    (engine.root / "saint-paul" / "state.json").write_text("not JSON")
    finish(operation)
    assert (operation.state, operation.error_code) == ("failed", "unexpected")
    assert operation.error_params["exception"] == "JSONDecodeError"
    assert operation.steps.get(name="stop").attempt == 5
    assert "Traceback" in caplog.text


def test_a_run_that_lost_its_lease_writes_nothing_more(
    engine: FakeEngine, ask: Request, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = ask(OperationKind.SUSPEND)
    suspend = engine.suspend

    def lose_the_lease_meanwhile(spec: object) -> object:
        Operation.objects.update(lease_owner="another run")
        return suspend(spec)  # type: ignore[arg-type]

    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    monkeypatch.setattr(engine, "suspend", lose_the_lease_meanwhile)
    assert run_operation(operation.public_id, clock=clock) is None
    operation.refresh_from_db()
    assert (operation.state, operation.lease_owner) == (OperationState.RUNNING, "another run")
    assert operation.steps.get(name="stop").state == StepState.RUNNING


def test_a_run_takes_over_from_one_that_died_and_goes_on_where_it_was(
    engine: FakeEngine, ask: Request, finish: Finish, clock: MovedClock
) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    run_operation(operation.public_id, clock=clock)
    lease_until = clock.now + timedelta(seconds=30)
    Operation.objects.update(state="running", lease_owner="dead", lease_until=lease_until, next_run_at=None)
    assert run_operation(operation.public_id, clock=clock) is None, "the lease still runs"
    clock.move(30)
    finish(operation)
    assert (operation.state, operation.attempt) == (OperationState.SUCCEEDED, 2)
    assert set(engine.count_effects("saint-paul").values()) == {1}


def test_every_event_is_a_row_and_a_log_line(
    engine: FakeEngine, ask: Request, finish: Finish, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="operations")
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = finish(ask(OperationKind.SUSPEND))
    rows = list(operation.events.values_list("step", "message"))
    assert rows == [
        ("", "requested by test"),
        ("stop", "begins (attempt 1)"),
        ("stop", "done"),
        ("", "ended: succeeded"),
    ]
    assert all(message in caplog.text for _step, message in rows)


def test_error_parameters_are_stored_as_json() -> None:
    assert make_json_safe({"n": 1, "set": frozenset()}) == {"n": 1, "set": "frozenset()"}
