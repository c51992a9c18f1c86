"""A renewal applies what was asked for last; what runs, the state and the reason of a failure stay as they were."""

import pytest
from django.utils import timezone, translation

from clusters.certificate_steps import describe_renewal
from domain.specs import ALL_COMPONENTS, Component
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.recovery import may_recover
from operations.requests import request_operation
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
REASON = ("restore_failed", {"instance": "saint-paul"})


def make_failed() -> Instance:
    """Return an instance that a restore left failed."""
    instance = make_instance_row(state=InstanceState.FAILED)
    instance.url = "https://www.saint-paul.example.org/"
    instance.error_code, instance.error_params = REASON
    instance.save()
    ended = {"state": OperationState.FAILED.value, "ended_at": timezone.now()}
    Operation.objects.create(kind=OperationKind.RESTORE, instance=instance, subject="saint-paul", **ended)
    return instance


def renew(instance: Instance, finish: Finish) -> Operation:
    operation = finish(request_operation(kind="renew", instance=instance, requested_by="manager:certificates"))
    instance.refresh_from_db()
    return operation


@pytest.mark.parametrize("running", [ALL_COMPONENTS, frozenset({Component.DB}), frozenset()])
def test_what_runs_of_a_failed_instance_is_applied_and_it_stays_failed(
    engine: FakeEngine, finish: Finish, running: frozenset[Component]
) -> None:
    engine.set_up("saint-paul", running=running)
    instance = make_failed()
    assert renew(instance, finish).state == OperationState.SUCCEEDED
    assert "apply" in engine.list_calls("saint-paul") and engine.list_effects("saint-paul") == []
    assert (instance.state, instance.error_code, instance.error_params) == (InstanceState.FAILED, *REASON)
    assert not may_recover(instance), "its data still waits for a person"


def test_one_that_fails_leaves_the_reason_why_the_instance_is_failed(engine: FakeEngine, finish: Finish) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    instance = make_failed()
    engine.fail("saint-paul", "apply", times=1, code="volume_shrinks")
    operation = renew(instance, finish)
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "engine_unavailable")
    assert (instance.state, instance.error_code, instance.error_params) == (InstanceState.FAILED, *REASON)
    assert not may_recover(instance)


def test_an_active_one_stays_active(engine: FakeEngine, finish: Finish) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    instance = make_instance_row(state=InstanceState.ACTIVE)
    assert renew(instance, finish).state == OperationState.SUCCEEDED and instance.state == InstanceState.ACTIVE
    with translation.override("en"):
        assert "30 days" in describe_renewal(instance, {})[0]
