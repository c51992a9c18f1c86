"""A deletion: what is looked at first, what is purged, and the proof."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.errors import CiviparoisseError
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.outcomes import Done
from operations.requests import request_cancel
from operations.runner import run_operation
from operations.steps.deletion import inspect, prove_purge, purge, put_servers_back
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, MovedClock, Request
from tests.operations.steps.conftest import MakeContext

pytestmark = pytest.mark.django_db(transaction=True)
LOSS = {"final_backup": False, "confirm": "saint-paul"}


@pytest.mark.parametrize(
    ("exists", "parameters", "wanted"), [(True, {}, True), (True, LOSS, False), (False, {}, False)]
)
def test_a_final_backup_is_wanted_where_there_is_data_unless_declined(
    make_context: MakeContext, engine: FakeEngine, *, exists: bool, parameters: dict[str, Any], wanted: bool
) -> None:
    if exists:
        engine.set_up("saint-paul", running=ALL_COMPONENTS)
    context = make_context(OperationKind.DELETE, "inspect", **parameters)
    assert inspect(context) == Done()
    assert context.data["final_backup_wanted"] is wanted


def test_a_purge_that_nobody_confirmed_is_refused_although_it_was_recorded(
    make_context: MakeContext, engine: FakeEngine
) -> None:
    engine.set_up("saint-paul")
    context = make_context(OperationKind.DELETE, "purge")
    context.operation.parameters = {"final_backup": False, "purge_backups": False, "confirm": ""}
    with pytest.raises(CiviparoisseError) as refused:
        purge(context)
    assert refused.value.code == "confirmation_missing"
    assert engine.list_effects("saint-paul") == []


def test_the_purge_is_proven_and_dated(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", backup_ids=("20261101T000000Z-5f3a9c",))
    context = make_context(OperationKind.DELETE, "prove_purge", **LOSS)
    with pytest.raises(CiviparoisseError) as refused:
        prove_purge(context)
    assert (refused.value.code, refused.value.params["remains"]) == ("purge_incomplete", "volumes")
    assert Instance.objects.get().purged_at is None
    purge(context)
    assert prove_purge(context) == Done(result={"kept_backups": ["20261101T000000Z-5f3a9c"]})
    assert Instance.objects.get().purged_at == context.now


def test_backups_that_should_be_gone_disprove_the_purge(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.DELETE, "prove_purge", purge_backups=True, confirm="saint-paul")
    engine.set_up("saint-paul", backup_ids=("20261101T000000Z-5f3a9c",))
    engine.delete("saint-paul", keep_backups=True)
    with pytest.raises(CiviparoisseError) as refused:
        prove_purge(context)
    assert refused.value.params["remains"] == "20261101T000000Z-5f3a9c"
    engine.delete("saint-paul", keep_backups=False)
    assert prove_purge(context) == Done(result={"kept_backups": []})


def test_what_ran_is_started_again_unless_the_purge_had_begun(make_context: MakeContext, engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    context = make_context(OperationKind.DELETE, "put_servers_back", state=InstanceState.ACTIVE)
    inspect(context)
    engine.suspend(context.make_spec(frozenset()))
    put_servers_back(context)
    assert put_servers_back(context) == Done()
    assert engine.list_effects("saint-paul")[3:] == ["start cron", "start db", "start httpd"]
    context.data["purge_begun"] = True
    with pytest.raises(CiviparoisseError) as refused:
        put_servers_back(context)
    assert (refused.value.code, refused.value.retryable) == ("purge_incomplete", False)


DAYS_3 = 3 * 86_400


def test_a_deletion_waits_without_a_worker_until_the_time_to_undo_it_is_over(
    engine: FakeEngine, ask: Request, clock: MovedClock, finish: Finish
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    engine.deletion_grace_seconds = DAYS_3
    operation = ask(OperationKind.DELETE)
    run_until_it_waits(operation, clock)
    assert operation.lease_owner == ""
    assert operation.next_run_at == datetime.fromisoformat(operation.data["undo_until"])
    assert operation.next_run_at >= clock.now + timedelta(seconds=DAYS_3 - 60)
    assert operation.message.startswith("can be undone until 20")
    assert "purge" not in engine.list_effects("saint-paul") and engine.observe("saint-paul").is_running(frozenset())
    clock.now = operation.next_run_at
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED
    assert engine.list_effects("saint-paul")[-1] == "purge"


def test_a_cancel_during_that_time_brings_everything_back(
    engine: FakeEngine, ask: Request, clock: MovedClock, finish: Finish
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    engine.deletion_grace_seconds = DAYS_3
    operation = ask(OperationKind.DELETE)
    run_until_it_waits(operation, clock)
    request_cancel(operation, requested_by="test")
    clock.move(60)
    finish(operation)
    assert operation.state == OperationState.CANCELLED
    assert operation.instance is not None and operation.instance.state == InstanceState.ACTIVE
    assert engine.observe("saint-paul").is_running(ALL_COMPONENTS)
    assert "purge" not in engine.list_effects("saint-paul")


@pytest.mark.parametrize(
    ("exists", "error_code", "waits"), [(True, "", True), (False, "", False), (True, "purge_incomplete", False)]
)
def test_there_is_time_to_undo_only_what_can_be_undone(
    make_context: MakeContext, engine: FakeEngine, exists: bool, error_code: str, waits: bool
) -> None:
    engine.deletion_grace_seconds = DAYS_3
    if exists:
        engine.set_up("saint-paul")
    context = make_context(OperationKind.DELETE, "inspect", state=InstanceState.FAILED)
    context.instance.error_code = error_code
    inspect(context)
    assert context.data["grace_wanted"] is waits


def run_until_it_waits(operation: Operation, clock: MovedClock) -> None:
    """Run the deletion until it waits for the time to undo it to be over."""
    while operation.data.get("undo_until") is None:
        next_run_at = run_operation(operation.public_id, clock=clock)
        operation.refresh_from_db()
        assert next_run_at is not None
        if operation.data.get("undo_until") is None:
            clock.now = max(clock.now, next_run_at)


@pytest.mark.parametrize("made", [False, True])
def test_a_name_that_another_manager_had_first_is_given_up_and_one_s_own_is_not(
    ask: Request, finish: Finish, engine: FakeEngine, *, made: bool
) -> None:
    """What was ours and bears another mark now holds personal data: nobody is told that it is purged."""
    operation = ask(OperationKind.DELETE, state=InstanceState.FAILED, **LOSS)
    if made:
        Instance.objects.update(url="https://www.saint-paul.example.org/")

    def refuse(identifier: str, name: str) -> None:
        if name.startswith("delete"):
            raise CiviparoisseError("namespace_foreign", instance=identifier)

    engine.before_call = refuse
    finish(operation)
    state = Instance.objects.get().state
    assert (operation.state, operation.error_code, state) == (
        ("failed", "namespace_foreign", "failed") if made else ("succeeded", "", "deleted")
    )
