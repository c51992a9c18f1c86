"""A removal is an operation: asked by the name, journalled, never twice, never of what has become somebody's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clusters.kinds.removal import REMOVE
from domain.errors import CiviparoisseError, InstanceBusy
from domain.fleet import ObservedVolume, RemovableKind
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind, OperationState
from engine.local.servers import list_processes
from engine.registry import register_engine
from operations.engine_objects import EngineObject
from operations.models import Operation, OperationEvent
from operations.requests import request_operation
from operations.runner import run_operation
from tenants.models import Instance
from tests.backups.parishes import finish as work_on
from tests.builders import make_spec
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded
from tests.local_engines import provision, running_local_engine
from tests.operations.conftest import Finish, MovedClock
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
SET = "20260101T010000Z-5f3a9c"


@pytest.fixture
def own(engine: FakeEngine) -> FakeEngine:
    """An engine with something under the name "old" that no row knows."""
    engine.set_up("old", running=ALL_COMPONENTS, backup_ids=(SET,))
    return engine


def ask(name: str = "old", *, volume: bool = False, engine: str = "fake") -> Operation:
    thing = RemovableKind.VOLUME if volume else RemovableKind.INSTANCE
    parameters = {"engine": engine, "volume": volume, "confirm": name}
    subject = EngineObject(engine=engine, thing=thing, name=name)
    return request_operation(kind=REMOVE.code, instance=subject, requested_by="jeanne", parameters=parameters)


def make_left(**changes: Any) -> ObservedVolume:
    values: dict[str, Any] = {"name": "pv-1", "capacity_bytes": 7, "instance": "old", "claim": "db", "is_bound": False}
    values |= {"reclaim_policy": "Retain", "created_at": BEGUN + timedelta(days=365)}
    return ObservedVolume(**{**values, **changes})


def test_all_of_it_goes_and_the_journal_tells_who_asked(own: FakeEngine, finish: Finish) -> None:
    operation = finish(ask())
    assert (operation.state, operation.subject, operation.instance) == (OperationState.SUCCEEDED, "old", None)
    assert (operation.progress, operation.result["backups"], operation.lock) == (100, [SET], None)
    seen = own.observe("old")
    assert not seen.exists and not seen.backup_ids
    messages = OperationEvent.objects.filter(operation=operation).values_list("message", flat=True)
    assert "requested by jeanne" in messages and "ended: succeeded" in messages


def test_it_never_runs_twice_and_no_instance_of_that_name_is_provisioned_meanwhile(
    own: FakeEngine, finish: Finish
) -> None:
    removal = ask()
    with pytest.raises(InstanceBusy):
        ask()
    instance = make_instance_row("old", state=InstanceState.NEW, engine="elsewhere")
    with pytest.raises(InstanceBusy) as busy:
        request_operation(kind=OperationKind.PROVISION, instance=instance, requested_by="test")
    assert busy.value.params["operation"] == removal.public_id
    assert finish(removal).state == OperationState.SUCCEEDED and not own.observe("old").exists


def test_nothing_is_removed_under_a_name_that_an_operation_holds(own: FakeEngine) -> None:
    instance = make_instance_row("old", state=InstanceState.ACTIVE, engine="elsewhere")
    request_operation(kind=OperationKind.SUSPEND, instance=instance, requested_by="test")
    with pytest.raises(InstanceBusy):
        ask()
    assert own.observe("old").exists


def test_what_became_somebodys_since_it_was_asked_is_left(own: FakeEngine, finish: Finish) -> None:
    operation = ask()
    make_instance_row("old", state=InstanceState.ACTIVE)
    assert finish(operation).error_code == "stray_owned"
    Instance.objects.update(engine="elsewhere")
    operation = ask()
    own.set_up("old", manager="them", backup_ids=(SET,))
    assert finish(operation).error_code == "stray_foreign"
    assert own.observe("old").exists and "purge" not in own.list_effects("old")


def test_whose_it_is_is_looked_at_again_right_before_the_removal(own: FakeEngine, finish: Finish) -> None:
    operation = ask()

    def take_it(_identifier: str, name: str) -> None:
        if name == "observe":  # the first look of the step that removes
            own.before_call = lambda _identifier, _name: None
            own.set_up("old", manager="them")

    own.before_call = take_it
    finish(operation)
    assert (operation.error_code, own.observe("old").exists) == ("stray_foreign", True)
    assert "purge" not in own.list_effects("old")


def test_volumes_that_their_policy_keeps_go_once_the_rest_is_gone(own: FakeEngine, finish: Finish) -> None:
    own.volumes = (make_left(), make_left(name="pv-2", instance="saint-jean"))
    assert finish(ask()).state == OperationState.SUCCEEDED
    assert [volume.name for volume in own.volumes] == ["pv-2"]


def test_a_volume_that_a_claim_holds_stays_and_is_waited_for(own: FakeEngine, clock: MovedClock) -> None:
    own.volumes = (make_left(is_bound=True),)
    operation = ask()
    assert run_operation(operation.public_id, clock=clock) is not None
    assert [volume.name for volume in own.volumes] == ["pv-1"] and not own.observe("old").exists
    own.volumes = (make_left(),)
    clock.move(5)
    assert run_operation(operation.public_id, clock=clock) is None
    operation.refresh_from_db()
    assert (operation.state, own.volumes) == (OperationState.SUCCEEDED, ())


def test_one_volume_is_removed_and_only_once(engine: FakeEngine, finish: Finish) -> None:
    make_recorded("saint-paul", since=BEGUN)
    engine.volumes = (make_left(instance="saint-paul"), make_left(name="pv-0", instance="saint-paul"))
    operation = ask("pv-1", volume=True)
    assert operation.lock == "fake/pv-1"
    with pytest.raises(InstanceBusy):
        ask("pv-1", volume=True)
    assert finish(operation).state == OperationState.SUCCEEDED
    assert [volume.name for volume in engine.volumes] == ["pv-0"]
    with pytest.raises(CiviparoisseError) as gone:
        ask("pv-1", volume=True)
    assert gone.value.code == "not_found"


@pytest.mark.xdist_group("removals")
def test_real_servers_are_stopped_and_real_volumes_go() -> None:
    with running_local_engine() as local:
        register_engine("real", lambda: local)
        provision(local, make_spec("old"))
        operation = ask(engine="real")
        work_on(operation)
        assert operation.state == OperationState.SUCCEEDED, operation.error_params
        assert len(operation.result["volumes"]) == 4
        assert not list_processes(local.root)
        assert not (local.root / "instances" / "old").exists()
