"""The door: what is written for a request, and what is refused without writing anything."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from domain.errors import CiviparoisseError, InstanceBusy, InvalidValue
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind, StepPhase, StepState
from operations import hooks, registry
from operations.choices import describe_choices
from operations.models import Operation, OperationEvent, OperationStep
from operations.registry import get_kind
from operations.requests import describe_operation, request_cancel, request_operation
from operations.subjects import find_subject
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db(transaction=True)


def ask_for(instance: Instance, kind: str = OperationKind.SUSPEND, **changes: Any) -> Operation:
    return request_operation(kind=kind, instance=instance, requested_by="test", **changes)


@pytest.fixture
def active() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def count_rows() -> tuple[int, int, int]:
    return Operation.objects.count(), OperationStep.objects.count(), OperationEvent.objects.count()


def test_a_request_writes_the_operation_its_steps_and_the_state(active: Instance) -> None:
    operation = ask_for(active)
    assert (operation.state, operation.lock, operation.subject) == ("queued", "saint-paul", "saint-paul")
    assert operation.data["state_before"] == "active"
    assert [(step.name, step.state) for step in operation.steps.all()] == [("stop", StepState.PENDING)]
    assert active.state == Instance.objects.get().state == InstanceState.SUSPENDING
    assert [event.message for event in operation.events.all()] == ["requested by test"]


def test_a_busy_instance_is_refused_and_the_operation_in_the_way_is_named(active: Instance) -> None:
    first = ask_for(active)
    before = count_rows()
    with pytest.raises(InstanceBusy) as refused:
        ask_for(active, OperationKind.DELETE)
    assert refused.value.params == {"instance": "saint-paul", "kind": "suspend", "operation": first.public_id}
    assert count_rows() == before


def test_the_lock_is_the_database_s_own(active: Instance) -> None:
    operation = ask_for(active)
    with pytest.raises(IntegrityError):
        Operation.objects.create(kind="delete", instance=active, subject="saint-paul", lock=operation.lock)


def test_a_kind_that_the_state_forbids_is_refused_with_those_it_allows() -> None:
    instance = make_instance_row(state=InstanceState.SUSPENDED)
    with pytest.raises(CiviparoisseError) as refused:
        ask_for(instance, OperationKind.SUSPEND)
    assert refused.value.code == "state_forbids"
    allowed = (
        "resume, backup, verify, browse, prove, restore, resize, enlarge_backups, upgrade, prune, prune_copies, delete"
    )
    assert refused.value.params["allowed"] == allowed
    assert count_rows() == (0, 0, 0)


def test_an_unknown_parameter_is_refused(active: Instance) -> None:
    with pytest.raises(InvalidValue) as refused:
        ask_for(active, parameters={"fast": True})
    assert refused.value.params["field"] == "fast"
    assert count_rows() == (0, 0, 0)
    assert Instance.objects.get().state == InstanceState.ACTIVE


def test_the_same_key_and_request_return_the_same_operation_also_when_it_has_ended(
    active: Instance, engine: FakeEngine, finish: Finish
) -> None:
    engine.set_up("saint-paul")
    first = ask_for(active, idempotency_key="monday")
    assert ask_for(active, idempotency_key="monday") == first
    finish(first)
    again = ask_for(active, idempotency_key="monday")
    assert (again, again.state) == (first, "succeeded")
    assert Operation.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"kind": OperationKind.DELETE}, {"parameters": {"fast": True}}],
    ids=["another kind", "other parameters"],
)
def test_the_same_key_with_another_request_is_refused(active: Instance, changes: dict[str, Any]) -> None:
    first = ask_for(active, idempotency_key="monday")
    with pytest.raises(CiviparoisseError) as refused:
        ask_for(active, idempotency_key="monday", **changes)
    assert (refused.value.code, refused.value.params) == ("idempotency_key_reused", {"operation": first.public_id})


def test_a_key_of_another_instance_is_refused(active: Instance) -> None:
    ask_for(active, idempotency_key="monday")
    other = make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
    with pytest.raises(CiviparoisseError) as refused:
        ask_for(other, idempotency_key="monday")
    assert refused.value.code == "idempotency_key_reused"
    assert Instance.objects.get(identifier="sainte-marie").state == InstanceState.ACTIVE


def test_a_description_tells_everything_and_writes_nothing(active: Instance) -> None:
    described = describe_operation(kind=OperationKind.DELETE, instance=active, parameters={})
    assert described.parameters == {"final_backup": True, "purge_backups": False, "confirm": ""}
    assert len(described.sentences) == 3
    assert len(described.steps) >= 5
    assert count_rows() == (0, 0, 0)


def test_a_description_refuses_what_the_request_would_refuse(active: Instance) -> None:
    ask_for(active)
    with pytest.raises(InstanceBusy):
        describe_operation(kind=OperationKind.DELETE, instance=active)


def test_a_cancel_is_noted_and_makes_the_operation_due(active: Instance) -> None:
    operation = request_cancel(ask_for(active), requested_by="marie")
    assert operation.cancel_requested
    last = operation.events.last()
    assert last is not None
    assert "marie" in last.message


def test_a_cancel_ends_at_once_what_waits_and_leaves_a_run_its_next_look(active: Instance, clock: MovedClock) -> None:
    operation = ask_for(active)
    Operation.objects.update(next_run_at=clock())
    assert request_cancel(operation, requested_by="test").next_run_at is None
    Operation.objects.update(next_run_at=clock(), lease_owner="a run")
    assert request_cancel(operation, requested_by="test").next_run_at == clock()


def test_a_request_and_a_cancel_ring_each_once_when_they_are_committed(active: Instance, messages: Path) -> None:
    with transaction.atomic():
        operation = ask_for(active)
        assert list(messages.iterdir()) == []
    assert len(list(messages.iterdir())) == 1
    with transaction.atomic():
        request_cancel(operation, requested_by="test")
        assert len(list(messages.iterdir())) == 1
    assert len(list(messages.iterdir())) == 2


def test_what_is_refused_rings_nobody(active: Instance, messages: Path) -> None:
    with pytest.raises(InvalidValue):
        ask_for(active, parameters={"fast": True})
    assert list(messages.iterdir()) == []


def test_a_cancel_of_what_has_ended_is_refused(active: Instance, engine: FakeEngine, finish: Finish) -> None:
    engine.set_up("saint-paul")
    operation = finish(ask_for(active))
    with pytest.raises(CiviparoisseError) as refused:
        request_cancel(operation, requested_by="test")
    assert refused.value.code == "operation_ended"
    assert refused.value.params["state"] == "succeeded"


def test_a_description_names_only_what_is_foreseen(active: Instance) -> None:
    definition = get_kind(OperationKind.DELETE)
    described = describe_operation(kind=OperationKind.DELETE, instance=active, parameters={})
    rollback = [str(step.label) for step in definition.steps if step.phase is StepPhase.ROLLBACK]
    assert rollback and not set(rollback) & set(described.steps)
    assert "Noter que ses sauvegardes n’existent plus" not in described.steps, "they are kept"
    assert "Prendre la sauvegarde finale (si nécessaire)" in described.steps
    assert len(described.steps) == len(definition.steps) - len(rollback) - 1


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What listeners are told, in order, and whether a transaction was open."""
    heard: list[str] = []

    def prepare(instance: Instance) -> None:
        heard.append(f"prepare {instance.identifier}{' held' if connection.in_atomic_block else ''}")

    def change(instance: Instance, *, operation: Operation, now: datetime) -> None:
        assert operation.created_at == now
        heard.append(f"change {instance.state}{' held' if connection.in_atomic_block else ''}")

    monkeypatch.setattr(hooks, "_preparations", [prepare])
    monkeypatch.setattr(hooks, "_change_listeners", [change])
    return heard


def test_listeners_prepare_before_the_row_is_held_and_are_told_in_its_transaction(
    active: Instance, told: list[str]
) -> None:
    ask_for(active, idempotency_key="monday")
    assert told == ["prepare saint-paul", "change suspending held"]
    ask_for(active, idempotency_key="monday")
    assert len(told) == 2, "what was asked before is looked up, and nothing is worked out again"


def test_what_has_no_row_has_no_listener(engine: FakeEngine, told: list[str]) -> None:
    engine.set_up("stray", running=ALL_COMPONENTS)
    asked = {"engine": "fake", "confirm": "stray"}
    kind = get_kind("remove_unowned")
    operation = request_operation(
        kind=kind.code, instance=find_subject(kind, "stray", asked), requested_by="test", parameters=asked
    )
    assert (operation.instance, operation.subject, operation.data["state_before"]) == (None, "stray", None)
    assert told == []


@pytest.mark.parametrize("ask", [describe_operation, request_operation])
def test_a_precheck_sees_the_row_as_it_is_now_and_what_was_asked(
    active: Instance, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str, bool]] = []

    def look(subject: Instance, parameters: dict[str, Any]) -> None:
        seen.append((subject.host, parameters["plan"], connection.in_atomic_block))

    monkeypatch.setitem(registry._kinds, "resize", replace(get_kind("resize"), precheck=look))
    make_plan_row("large", db_gibibytes=3)
    Instance.objects.update(host="moved.example.org")
    names = {"requested_by": "test"} if ask is request_operation else {}
    ask(kind="resize", instance=active, parameters={"plan": "large"}, **names)
    assert seen == [("moved.example.org", "large", False)]


def test_what_the_asker_saw_is_looked_at_before_all_else_and_again_under_the_lock(
    active: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    look = replace(get_kind("suspend"), precheck=lambda _subject, _parameters: order.append("engine"))
    monkeypatch.setitem(registry._kinds, "suspend", look)

    def check_row(row: Instance) -> None:
        order.append(f"{row.identifier}{' held' if connection.in_atomic_block else ''}")

    ask_for(active, check_row=check_row)
    assert order == ["saint-paul", "engine", "saint-paul held"]


def test_a_kind_describes_itself_or_is_described_by_its_choices(
    active: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(get_kind("suspend"), describe=lambda subject, _parameters: [f"stops {subject.identifier}"])
    monkeypatch.setitem(registry._kinds, "suspend", own)
    assert describe_operation(kind="suspend", instance=active).sentences == ("stops saint-paul",)
    monkeypatch.setitem(registry._kinds, "suspend", replace(own, describe=None))
    assert describe_operation(kind="suspend", instance=active).sentences == tuple(
        describe_choices(own, "saint-paul", {})
    )


def test_a_step_that_was_asked_for_is_certain(active: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = get_kind("delete")
    (first, *_others) = kind.steps
    asked = replace(first, when="final_backup", label="asked")
    unknown = replace(first, when="found_out_later", label="unknown")
    monkeypatch.setitem(registry._kinds, "delete", replace(kind, steps=(first, asked, unknown)))
    with override("en"):
        steps = describe_operation(kind="delete", instance=active, parameters={}).steps
    assert steps[1:] == ("asked", "unknown (if needed)")
