"""A failed instance that is well again becomes active by itself, where its failure left the data as it was."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from domain.errors import ClusterConflict
from domain.specs import ALL_COMPONENTS, Component
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.recovery import LASTING, is_well, may_recover
from operations.requests import request_operation
from operations.upkeep import restart_fallen_instances
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def make_failed(kind: str = OperationKind.RESUME, *, code: str = "deadline_exceeded") -> Instance:
    """Return an instance that an operation of that kind left failed."""
    instance = make_instance_row(state=InstanceState.FAILED)
    instance.url, instance.error_code = "https://www.saint-paul.example.org/", code
    instance.save()
    Operation.objects.create(
        kind=kind, instance=instance, subject="saint-paul", state=OperationState.FAILED.value, ended_at=NOW
    )
    return instance


@pytest.mark.parametrize("kind", [OperationKind.RESUME, OperationKind.PROVISION, OperationKind.RESIZE])
def test_it_becomes_active_once_all_runs(engine: FakeEngine, finish: Finish, kind: str) -> None:
    engine.set_up("saint-paul", running=frozenset({Component.DB}))
    instance = make_failed(kind)
    assert restart_fallen_instances(now=timezone.now()) == [], "its web server does not run yet"
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    assert restart_fallen_instances(now=timezone.now()) == ["saint-paul"]
    assert finish(Operation.objects.order_by("-pk")[0]).state == OperationState.SUCCEEDED
    instance.refresh_from_db()
    assert (instance.state, instance.error_code) == ("active", "")


@pytest.mark.parametrize("kind", [OperationKind.RESTORE, OperationKind.UPGRADE, OperationKind.DELETE])
def test_one_whose_data_was_changed_waits_for_a_person(engine: FakeEngine, kind: str) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    instance = make_failed(kind)
    # A backup that failed since says nothing of it.
    Operation.objects.create(
        kind=OperationKind.BACKUP,
        instance=instance,
        subject="x",
        state=OperationState.FAILED.value,
        ended_at=timezone.now(),
    )
    assert restart_fallen_instances(now=timezone.now()) == [] and not may_recover(instance)


@pytest.mark.parametrize("code", sorted(LASTING))
def test_what_no_server_mends_is_left_alone(engine: FakeEngine, code: str) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    assert not may_recover(make_failed(code=code))
    assert restart_fallen_instances(now=timezone.now()) == []


def test_one_that_is_failed_with_everything_down_is_not_well(engine: FakeEngine) -> None:
    instance = make_failed()
    assert not is_well(instance, engine.observe_fleet())
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    assert is_well(instance, engine.observe_fleet())


def test_a_field_of_somebody_else_leaves_a_running_instance_active(engine: FakeEngine, finish: Finish) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    instance = make_instance_row(state=InstanceState.ACTIVE)

    def refuse(identifier: str, name: str) -> None:
        if name == "resume":
            about = {"object": "cronjobs/civicron", "field": ".spec.schedule", "manager": "kubectl-patch"}
            raise ClusterConflict(instance=identifier, **about)

    engine.before_call = refuse
    operation = request_operation(kind=OperationKind.RESUME, instance=instance, requested_by="test")
    finish(operation)
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "cluster_conflict")
    instance.refresh_from_db()
    assert (instance.state, instance.error_code) == ("active", "")
