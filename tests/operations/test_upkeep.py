"""What should run is made to run again, through the one door, and not for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.specs import ALL_COMPONENTS, Component
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_operation
from operations.upkeep import REQUESTER, RESTARTS_PER_HOUR, restart_fallen_instances
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_active_instance_whose_web_server_died_is_resumed(engine: FakeEngine, finish: Finish) -> None:
    engine.set_up("saint-paul", running=frozenset({Component.DB, Component.CRON}))
    instance = make_instance_row(state=InstanceState.ACTIVE)
    assert restart_fallen_instances(now=timezone.now()) == ["saint-paul"]
    operation = finish(Operation.objects.get(subject="saint-paul"))
    assert (operation.kind, operation.state, operation.requested_by) == ("resume", "succeeded", REQUESTER)
    assert engine.observe("saint-paul").is_running(ALL_COMPONENTS)
    instance.refresh_from_db()
    assert instance.state == InstanceState.ACTIVE


def test_what_runs_is_left_alone(engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    make_instance_row(state=InstanceState.ACTIVE)
    assert restart_fallen_instances(now=timezone.now()) == []
    assert not Operation.objects.exists()


def test_a_cron_that_is_switched_off_is_not_missed(engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=frozenset({Component.DB, Component.HTTPD}))
    instance = make_instance_row(state=InstanceState.ACTIVE)
    instance.cron_enabled = False
    instance.save()
    assert restart_fallen_instances(now=timezone.now()) == []


@pytest.mark.parametrize("state", [InstanceState.SUSPENDED, InstanceState.FAILED, InstanceState.NEW])
def test_only_active_instances_are_restarted(engine: FakeEngine, state: InstanceState) -> None:
    engine.set_up("saint-paul")
    make_instance_row(state=state)
    assert restart_fallen_instances(now=timezone.now()) == []


def test_an_instance_held_by_an_operation_is_left_to_it(engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    instance = make_instance_row(state=InstanceState.ACTIVE)
    request_operation(kind=OperationKind.SUSPEND, instance=instance, requested_by="test")
    assert restart_fallen_instances(now=timezone.now()) == []


def test_one_that_keeps_falling_is_left_to_a_person_until_the_hour_is_over(engine: FakeEngine, finish: Finish) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    for _ in range(RESTARTS_PER_HOUR):
        engine.set_up("saint-paul")
        assert restart_fallen_instances(now=timezone.now()) == ["saint-paul"]
        finish(Operation.objects.order_by("-pk")[0])
    engine.set_up("saint-paul")
    assert restart_fallen_instances(now=timezone.now()) == []
    assert restart_fallen_instances(now=timezone.now() + timedelta(hours=1, minutes=5)) == ["saint-paul"]


def test_instances_of_one_engine_cost_one_look(engine: FakeEngine) -> None:
    for slug in ("saint-paul", "saint-jean"):
        engine.set_up(slug, running=ALL_COMPONENTS)
        make_instance_row(slug, state=InstanceState.ACTIVE)
    assert restart_fallen_instances(now=timezone.now()) == []
    assert [engine.list_calls(slug) for slug in ("saint-paul", "saint-jean")] == [[], []]


def test_one_instance_s_fault_stops_no_other_s(engine: FakeEngine) -> None:
    make_instance_row("saint-jean", state=InstanceState.ACTIVE, engine="nowhere")
    engine.set_up("saint-paul")
    make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    assert restart_fallen_instances(now=timezone.now()) == ["saint-paul"]


def test_restarts_dated_in_the_future_by_a_clock_that_went_back_hold_up_nothing(
    engine: FakeEngine, finish: Finish
) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    for _ in range(RESTARTS_PER_HOUR):
        engine.set_up("saint-paul")
        restart_fallen_instances(now=timezone.now())
        finish(Operation.objects.order_by("-pk")[0])
    engine.set_up("saint-paul")
    assert restart_fallen_instances(now=timezone.now() - timedelta(hours=2)) == ["saint-paul"]
