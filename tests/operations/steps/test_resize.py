"""A change of the plan: the row first, then the engine; a failure gives the earlier plan back."""

import pytest

from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind, OperationState, StepState
from operations.models import Operation
from operations.requests import request_cancel, request_operation
from operations.runner import run_operation
from operations.steps.resize import set_plan
from tenants.models import Instance
from tenants.specs import make_instance_spec
from tests.builders import GIBIBYTE
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock, Request
from tests.operations.steps.conftest import MakeContext
from tests.operations.steps.test_volumes import make_size
from tests.rows import make_plan_row

pytestmark = pytest.mark.django_db(transaction=True)

RESIZE = OperationKind.RESIZE


@pytest.fixture(autouse=True)
def plans() -> None:
    make_plan_row("other")
    make_plan_row("large", db_gibibytes=3)


def read_row() -> tuple[str, str, dict[str, int]]:
    """Return state, plan and grown volumes of the instance."""
    row = Instance.objects.get()
    return row.state, row.plan.name, row.grown_volumes


def test_an_active_instance_gets_its_new_sizes_and_stays_active(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = finish(ask(RESIZE, plan="large"))
    assert operation.state == OperationState.SUCCEEDED
    assert read_row() == ("active", "large", {})
    assert (operation.result["plan"], operation.result["plan_before"]) == ("large", "test")
    assert operation.result["url"] == "http://saint-paul.test"
    assert operation.steps.get(name="undo_plan").state == StepState.SKIPPED


def test_a_suspended_instance_stays_suspended_and_its_page_is_not_read(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    engine.set_up("saint-paul")
    operation = finish(ask(RESIZE, state=InstanceState.SUSPENDED, plan="other"))
    assert operation.state == OperationState.SUCCEEDED
    assert read_row() == ("suspended", "other", {})
    assert operation.result == {"plan": "other", "plan_before": "test"}
    assert "probe" not in engine.list_calls("saint-paul")
    assert engine.list_effects("saint-paul") == []


@pytest.mark.parametrize("has", [1, 3])
def test_a_failure_gives_the_earlier_plan_back_and_remembers_what_the_volume_really_has(
    engine: FakeEngine, ask: Request, finish: Finish, has: int
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size()}
    operation = ask(RESIZE, plan="large")
    engine.fail("saint-paul", "apply", times=1, code="refused")

    def grow(_identifier: str, name: str) -> None:
        if name == "apply":
            engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(has)}

    engine.before_call = grow
    finish(operation)
    grown = {"db_volume_bytes": 3 * GIBIBYTE} if has == 3 else {}
    code = "resize_rolled_back_grown" if grown else "resize_rolled_back"
    assert (operation.state, operation.error_code) == (OperationState.FAILED, code)
    assert operation.error_params["cause"] == "engine_unavailable"
    assert operation.result == {"rolled_back": True}
    assert read_row() == ("active", "test", grown)
    spec = make_instance_spec(Instance.objects.get(), components=ALL_COMPONENTS)
    assert spec.plan.db_volume_bytes == has * GIBIBYTE


def test_volumes_that_do_not_grow_are_no_success(engine: FakeEngine, ask: Request, finish: Finish) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = ask(RESIZE, plan="large")
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(3, 1)}
    engine.poll_seconds = 100
    finish(operation)
    assert operation.error_code == "resize_rolled_back_grown"
    assert "waits for 3Gi" in operation.error_params["detail"]
    assert read_row() == ("active", "test", {"db_volume_bytes": 3 * GIBIBYTE})


def test_the_way_back_to_the_old_cpu_and_memory_is_not_barred_by_a_larger_volume(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    finish(ask(RESIZE, plan="large"))
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(3)}
    instance = Instance.objects.get()
    back = request_operation(kind=RESIZE, instance=instance, requested_by="test", parameters={"plan": "test"})
    assert finish(back).state == OperationState.SUCCEEDED
    assert read_row() == ("active", "test", {"db_volume_bytes": 3 * GIBIBYTE})


def test_a_class_that_no_longer_lets_volumes_grow_stops_it_before_anything_is_touched(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = ask(RESIZE, plan="large")
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(can_grow=False)}
    finish(operation)
    assert (operation.error_code, read_row()) == ("volume_cannot_grow", ("active", "test", {}))
    assert engine.list_effects("saint-paul") == []


def test_a_way_back_that_fails_is_told(engine: FakeEngine, ask: Request, finish: Finish) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = ask(RESIZE, plan="other")
    engine.fail("saint-paul", "apply", times=9, code="refused")
    finish(operation)
    assert operation.error_code == "resize_rollback_failed"
    assert read_row()[:2] == ("failed", "test")


def test_a_page_that_does_not_come_back_gives_the_earlier_plan_back(
    engine: FakeEngine, ask: Request, finish: Finish
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = ask(RESIZE, plan="other")
    engine.fail("saint-paul", "probe", times=1, code="refused")
    finish(operation)
    assert operation.error_code == "resize_rolled_back"
    assert read_row() == ("active", "test", {})


def test_a_cancel_before_the_new_sizes_are_applied_leaves_no_trace(
    engine: FakeEngine, ask: Request, finish: Finish, clock: MovedClock
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    operation = ask(RESIZE, plan="large")
    engine.before_call = lambda _identifier, name: cancel(operation) if name == "observe" else None
    finish(operation)
    assert operation.state == OperationState.CANCELLED
    assert read_row() == ("active", "test", {})
    assert run_operation(operation.public_id, clock=clock) is None


def cancel(operation: Operation) -> None:
    operation.refresh_from_db()
    if not operation.cancel_requested:
        request_cancel(operation, requested_by="test")


def test_a_repeated_step_names_the_same_plan(make_context: MakeContext) -> None:
    context = make_context(RESIZE, "set_plan", plan="other")
    set_plan(context)
    set_plan(context)
    assert read_row()[1] == "other"
    assert context.make_spec(ALL_COMPONENTS).plan.name == "other"
