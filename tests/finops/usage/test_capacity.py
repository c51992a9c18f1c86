"""A provisioning or a resize that does not fit is refused before it begins, with the figures."""

import pytest
from django.utils import translation

from domain.capacity import Binding
from domain.errors import CiviparoisseError
from domain.fleet import ObservedNode, ObservedPod
from domain.reservations import Reservation
from domain.states import InstanceState, OperationKind, OperationState
from finops.usage.capacity import observe_capacity, refuse_if_full, tell_room
from operations.admission import describe_provision_and_room
from operations.models import Operation
from operations.requests import describe_operation, request_operation
from tenants.models import Instance, Plan
from tests.engines import FakeEngine
from tests.finops.cases import GIBIBYTE, MEBIBYTE
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db(transaction=True)


def make_node(gibibytes: int, name: str = "node1") -> ObservedNode:
    return ObservedNode(name=name, allocatable=Reservation(100_000, gibibytes * GIBIBYTE), most_pods=110)


def provision(instance: Instance, **parameters: object) -> Operation:
    return request_operation(
        kind=OperationKind.PROVISION, instance=instance, requested_by="test", parameters=parameters
    )


def test_what_does_not_fit_is_refused_with_the_figures_and_nothing_written(engine: FakeEngine) -> None:
    engine.nodes = (make_node(2),)
    instance = make_instance_row()
    for ask in (provision, lambda row: describe_operation(kind=OperationKind.PROVISION, instance=row)):
        with pytest.raises(CiviparoisseError) as caught:
            ask(instance)
        assert caught.value.code == "capacity_exceeded"
    assert caught.value.params == {
        "instance": "saint-paul",
        "needed": "2220Mi 2800m",
        "lasting": "1508Mi 1350m",
        "passing": "712Mi 1450m",
        "volumes": 4,
        "node": "node1",
        "free": "2048Mi 100000m",
        "allocatable": "2048Mi 100000m",
        "nodes": 1,
        "binding": "memory",
    }
    instance.refresh_from_db()
    assert (instance.state, Operation.objects.count()) == (InstanceState.NEW.value, 0)


def test_it_can_be_wanted_all_the_same(engine: FakeEngine) -> None:
    engine.nodes = (make_node(1),)
    operation = provision(make_instance_row(), over_capacity=True)
    assert (operation.state, operation.parameters) == (OperationState.QUEUED.value, {"over_capacity": True})


def test_what_fits_is_asked_for(engine: FakeEngine) -> None:
    engine.nodes = (make_node(4),)
    assert provision(make_instance_row()).parameters == {}


def test_those_on_their_way_have_their_place_already(engine: FakeEngine) -> None:
    engine.nodes = (make_node(3),)
    provision(make_instance_row("saint-paul"))
    with pytest.raises(CiviparoisseError) as caught:
        provision(make_instance_row("sainte-marie"))
    assert caught.value.code == "capacity_exceeded"
    engine.nodes = (make_node(3), make_node(3, "node2"))
    provision(Instance.objects.get(identifier="sainte-marie"))


def test_two_halves_on_two_nodes_are_no_place(engine: FakeEngine) -> None:
    engine.nodes = (make_node(2), make_node(2, "node2"))
    with pytest.raises(CiviparoisseError):
        provision(make_instance_row())


def test_a_resize_counts_what_the_instance_holds_as_free(engine: FakeEngine) -> None:
    engine.nodes = (make_node(3),)
    instance = make_instance_row(state=InstanceState.ACTIVE)
    held = Reservation(1350, 1508 * MEBIBYTE)
    engine.pods = (ObservedPod(name="a", node="node1", instance="saint-paul", component="db", reserved=held),)
    refuse_if_full(instance, make_plan_row())
    larger = Plan.objects.create(
        name="larger", db_volume_bytes=1, files_volume_bytes=1, private_volume_bytes=1, backups_volume_bytes=1
    )
    for row in make_plan_row().containers.all():
        row.pk, row.plan, row.memory_request_bytes = None, larger, 2 * row.memory_request_bytes
        row.memory_limit_bytes *= 2
        row.save(force_insert=True)
    with pytest.raises(CiviparoisseError) as caught:
        refuse_if_full(instance, larger)
    assert caught.value.params["lasting"] == "3016Mi 1350m"


def test_engines_without_nodes_or_reservations_take_everything(engine: FakeEngine) -> None:
    engine.nodes = ()
    provision(make_instance_row())
    assert observe_capacity("fake").more is None
    refuse_if_full(make_instance_row("sainte-marie", engine="local"), make_plan_row())


def test_how_many_more_fit_and_what_stops_the_next(engine: FakeEngine) -> None:
    engine.nodes = (make_node(16), make_node(16, "node2"))
    found = observe_capacity("fake", plan=make_plan_row())
    assert (found.more, found.binding) == (20, Binding.MEMORY)
    assert found.per_node == {"node1": 10, "node2": 10}


def test_a_broken_plan_of_another_takes_no_room(engine: FakeEngine) -> None:
    engine.nodes = (make_node(3),)
    broken = make_instance_row("saint-jean", state=InstanceState.PROVISIONING)
    broken.plan = Plan.objects.create(
        name="broken", db_volume_bytes=1, files_volume_bytes=1, private_volume_bytes=1, backups_volume_bytes=1
    )
    broken.save()
    assert provision(make_instance_row()).parameters == {}


def test_the_figures_of_a_refusal_add_up(engine: FakeEngine) -> None:
    engine.nodes = (make_node(2), make_node(1, "node2"))
    instance = make_instance_row()
    with pytest.raises(CiviparoisseError) as caught:
        refuse_if_full(instance, make_plan_row())
    params = caught.value.params
    assert (params["lasting"], params["passing"]) == ("1508Mi 1350m", "712Mi 1450m")
    assert (params["needed"], params["node"], params["free"]) == ("2220Mi 2800m", "node1", params["allocatable"])


def test_what_an_autoscaler_would_make_room_for_is_not_refused(engine: FakeEngine) -> None:
    engine.nodes = (make_node(3),)
    held = Reservation(1350, 1508 * MEBIBYTE)
    engine.pods = (ObservedPod(name="a", node="node1", instance="sainte-marie", component="db", reserved=held),)
    instance = make_instance_row()
    for most_nodes in (0, 1):
        engine.most_nodes = most_nodes
        with pytest.raises(CiviparoisseError):
            refuse_if_full(instance, make_plan_row())
    assert tell_room(instance, make_plan_row()) == []
    engine.most_nodes = 3
    refuse_if_full(instance, make_plan_row())
    with translation.override("en"):
        (told,) = describe_provision_and_room(instance, {})[2:]
    assert "would make a new one" in told and "(1 now, 3 at most)" in told
    found = observe_capacity("fake", plan=make_plan_row())
    assert (found.more, found.new_nodes) == (0, 2)
    engine.nodes = (make_node(1),)
    with pytest.raises(CiviparoisseError):
        refuse_if_full(instance, make_plan_row())
    engine.nodes, engine.pods = (make_node(3),), ()
    assert tell_room(instance, make_plan_row()) == [], "it fits on what is there"
