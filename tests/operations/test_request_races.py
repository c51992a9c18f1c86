"""Two who ask at once: what another one commits between the first look and the locked row decides the answer."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection

from domain.errors import CiviparoisseError, InstanceBusy
from domain.states import InstanceState, OperationKind
from operations import registry
from operations.kinds.provision import PROVISION
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_SECONDS = 180


def ask_for(instance: Instance, kind: str = OperationKind.SUSPEND, **changes: Any) -> Operation:
    return request_operation(kind=kind, instance=instance, requested_by="test", **changes)


@contextmanager
def between_the_looks(act: Callable[[], object]) -> Iterator[None]:
    """Let somebody else do `act` once, from a thread and a connection of its own, right before the first transaction
    here begins: every look before it was too early."""
    left = [act]

    def act_elsewhere(once: Callable[[], object]) -> None:
        try:
            once()
        finally:
            connection.close()

    def execute(run: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("BEGIN") and left:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(act_elsewhere, left.pop()).result(timeout=OTHER_SECONDS)
        return run(sql, *arguments)

    with connection.execute_wrapper(execute):
        yield
    assert not left, "nothing was begun"


@contextmanager
def blind_to_the_holder() -> Iterator[None]:
    """Let the first look for a holder of the instance find nobody, as if it had been made before the holder came."""
    looks: list[str] = []

    def execute(run: Any, sql: str, parameters: Any, *arguments: Any) -> Any:
        if sql.startswith("SELECT") and '."lock" = %s' in sql:
            looks.append(sql)
            if len(looks) == 1:
                return run(sql, ("nobody",), *arguments)
        return run(sql, parameters, *arguments)

    with connection.execute_wrapper(execute):
        yield
    assert looks, "nobody looked"


@pytest.fixture
def active() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def fetch(identifier: str) -> Instance:
    return Instance.objects.get(identifier=identifier)


def test_the_second_with_the_same_key_gets_the_operation_of_the_first(active: Instance) -> None:
    with between_the_looks(lambda: ask_for(fetch("saint-paul"), idempotency_key="monday")):
        second = ask_for(active, idempotency_key="monday")
    assert second == Operation.objects.get()


def test_the_second_gets_it_also_when_the_first_has_ended_meanwhile(
    active: Instance, engine: FakeEngine, finish: Finish
) -> None:
    """Then only the key stands in the way of a second row."""
    engine.set_up("saint-paul")

    def suspend_and_resume() -> None:
        finish(ask_for(fetch("saint-paul"), idempotency_key="monday"))
        finish(ask_for(fetch("saint-paul"), OperationKind.RESUME))

    with between_the_looks(suspend_and_resume):
        second = ask_for(active, idempotency_key="monday")
    assert (second.kind, second.state) == (OperationKind.SUSPEND, "succeeded")
    assert Operation.objects.count() == 2
    assert fetch("saint-paul").state == InstanceState.ACTIVE, "what was rolled back left no state behind"


def test_the_same_key_for_another_instance_is_refused_also_in_a_race(active: Instance) -> None:
    other = make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
    with (
        between_the_looks(lambda: ask_for(fetch("saint-paul"), idempotency_key="monday")),
        pytest.raises(CiviparoisseError) as refused,
    ):
        ask_for(other, idempotency_key="monday")
    assert refused.value.code == "idempotency_key_reused"
    assert refused.value.params == {"operation": Operation.objects.get().public_id}
    assert fetch("sainte-marie").state == InstanceState.ACTIVE and active.identifier == "saint-paul"


@pytest.mark.parametrize("key", [None, "tuesday"])
def test_the_second_on_the_same_instance_is_told_who_was_first(active: Instance, key: str | None) -> None:
    with (
        between_the_looks(lambda: ask_for(fetch("saint-paul"), idempotency_key="monday")),
        pytest.raises(InstanceBusy) as refused,
    ):
        ask_for(active, OperationKind.DELETE, idempotency_key=key)
    first = Operation.objects.get()
    assert refused.value.params == {"instance": "saint-paul", "kind": "suspend", "operation": first.public_id}


@pytest.mark.parametrize("key", [None, "tuesday"])
def test_who_is_stopped_by_the_database_alone_is_told_the_same(active: Instance, key: str | None) -> None:
    """A look that came too early lets it write: the unique column refuses, and the answer is that of a look in time."""
    first = ask_for(active, idempotency_key="monday")
    Instance.objects.update(state=InstanceState.ACTIVE)
    with blind_to_the_holder(), pytest.raises(InstanceBusy) as refused:
        ask_for(active, OperationKind.DELETE, idempotency_key=key)
    assert refused.value.params == {"instance": "saint-paul", "kind": "suspend", "operation": first.public_id}
    assert Operation.objects.count() == 1


def test_what_the_database_refuses_for_another_reason_is_no_answer_to_a_race(active: Instance) -> None:
    def refuse(run: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("INSERT") and "operations_operationstep" in sql:
            raise IntegrityError("a rule of the database")
        return run(sql, *arguments)

    with connection.execute_wrapper(refuse), pytest.raises(IntegrityError, match="a rule of the database"):
        ask_for(active, idempotency_key="monday")
    assert not Operation.objects.exists()
    assert fetch("saint-paul").state == InstanceState.ACTIVE


@pytest.mark.parametrize(
    ("kind", "before", "meanwhile"),
    [
        (OperationKind.SUSPEND, InstanceState.ACTIVE, InstanceState.SUSPENDED),
        (OperationKind.PROVISION, InstanceState.NEW, InstanceState.ACTIVE),
    ],
    ids=["looked at once", "looked at before by the precheck"],
)
def test_a_state_that_changed_since_the_first_look_is_seen_under_the_lock(
    kind: str, before: InstanceState, meanwhile: InstanceState
) -> None:
    instance = make_instance_row(state=before)
    with (
        between_the_looks(lambda: Instance.objects.update(state=meanwhile)),
        pytest.raises(CiviparoisseError) as refused,
    ):
        ask_for(instance, kind)
    assert (refused.value.code, refused.value.params["state"]) == ("state_forbids", meanwhile)
    assert not Operation.objects.exists()
    assert fetch("saint-paul").state == meanwhile


def test_a_state_that_allows_it_only_since_the_first_look_is_seen_under_the_lock(active: Instance) -> None:
    Instance.objects.update(state=InstanceState.SUSPENDING)
    stale = fetch("saint-paul")
    with between_the_looks(lambda: Instance.objects.update(state=InstanceState.ACTIVE)):
        operation = ask_for(stale)
    assert operation.data["state_before"] == InstanceState.ACTIVE
    assert stale.state == fetch(active.identifier).state == InstanceState.SUSPENDING


def test_what_changed_since_it_was_read_is_seen_under_the_lock(active: Instance) -> None:
    def check_host(row: Instance) -> None:
        if row.host != active.host:
            raise CiviparoisseError("changed_meanwhile", what=row.identifier)

    with (
        between_the_looks(lambda: Instance.objects.update(host="elsewhere.example.org")),
        pytest.raises(CiviparoisseError) as refused,
    ):
        ask_for(active, check_row=check_host)
    assert refused.value.code == "changed_meanwhile"
    assert not Operation.objects.exists()
    Instance.objects.update(host=active.host)
    assert ask_for(active, check_row=check_host).state == "queued"


def test_no_row_is_held_while_an_engine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def precheck(*_asked: object) -> None:
        held.append(connection.in_atomic_block)

    monkeypatch.setitem(registry._kinds, OperationKind.PROVISION, replace(PROVISION, precheck=precheck))
    ask_for(make_instance_row(state=InstanceState.NEW), OperationKind.PROVISION, check_row=lambda _row: None)
    assert held == [False]
