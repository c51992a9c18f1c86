"""How many more instances fit: node by node, against placing them one by one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.capacity import (
    Binding,
    Capacity,
    Need,
    NodeRoom,
    assign_to_nodes,
    compute_capacity,
    compute_passing,
    count_more,
    find_lack,
    make_need,
    make_rooms,
)
from domain.fleet import ObservedFleet, ObservedNode, ObservedPod, ObservedVolume
from domain.footprints import Footprint
from domain.reservations import NOTHING, Reservation

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NEED = Need(
    lasting=Reservation(1350, 1508),
    schedules={"cron": Reservation(350, 356), "backup": Reservation(350, 356)},
    servers=2,
    volumes=4,
)


def room(cpu: int, memory: int, **changes: object) -> NodeRoom:
    return NodeRoom(**{"name": "node1", "allocatable": Reservation(cpu, memory), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("node", "more", "binding"),
    [
        (room(100_000, 10 * 1508 + 2 * 356), 10, Binding.MEMORY),
        (room(100_000, 10 * 1508 + 2 * 356 - 1), 9, Binding.MEMORY),
        (room(3 * 1350 + 700, 10**6), 3, Binding.CPU),
        # Two servers each, and one cron and one backup at once among them.
        (room(10**6, 10**6, pods=10), 4, Binding.PODS),
        (room(10**6, 10**6, volumes=11), 2, Binding.VOLUMES),
        (room(1000, 1000), 0, Binding.MEMORY),
    ],
)
def test_what_stops_the_next_one_is_named(node: NodeRoom, more: int, binding: Binding) -> None:
    assert count_more(node, NEED) == (more, binding)
    found = compute_capacity([node], NEED)
    assert (found.more, found.binding, found.per_node) == (more, binding, {"node1": more})


def test_schedules_need_room_for_those_that_run_at_once() -> None:
    assert compute_passing(NEED, 0) == (NOTHING, 0)
    assert compute_passing(NEED, 1) == (Reservation(700, 712), 2)
    assert compute_passing(NEED, 10) == (Reservation(700, 712), 2)
    assert compute_passing(NEED, 11) == (Reservation(1050, 1068), 3)


def test_an_instance_does_not_fit_into_what_two_nodes_have_left_together() -> None:
    halves = [room(2050, 2219, name=name) for name in ("node1", "node2")]
    assert compute_capacity(halves, NEED).more == 0
    assert compute_capacity([*halves, room(2050, 2220, name="node3")], NEED).per_node["node3"] == 1


def test_nodes_that_take_no_pods_and_places_without_nodes() -> None:
    closed = compute_capacity([room(10**6, 10**6, schedulable=False)], NEED)
    assert (closed.more, closed.binding) == (0, Binding.NODES)
    assert closed.allocatable == NOTHING
    assert compute_capacity([], NEED) == Capacity(more=None)


def test_a_need_of_nothing_is_refused_instead_of_counted_for_ever() -> None:
    with pytest.raises(ValueError, match="needs nothing"):
        count_more(room(1, 1), Need(lasting=NOTHING))


def test_a_need_is_the_servers_or_the_job_that_runs_without_them() -> None:
    footprint = Footprint(
        servers={"db": Reservation(100, 100), "httpd": Reservation(100, 100)},
        schedules={"cron": Reservation(1, 1)},
        jobs={"init": Reservation(500, 50), "verify": Reservation(9999, 9999)},
        volumes={"db": 1, "files": 1},
    )
    assert make_need(footprint) == Need(
        lasting=Reservation(500, 200), schedules={"cron": Reservation(1, 1)}, servers=2, volumes=2
    )


def test_rooms_are_what_the_engine_sees() -> None:
    def pod(name: str, component: str, **changes: object) -> ObservedPod:
        values = {
            "name": name,
            "node": "node1",
            "instance": "a",
            "component": component,
            "reserved": Reservation(10, 20),
        }
        return ObservedPod(**{**values, **changes})  # type: ignore[arg-type]

    fleet = ObservedFleet(
        at=NOW,
        nodes=(
            ObservedNode(name="node1", allocatable=Reservation(100, 200), most_pods=10, most_volumes=3),
            ObservedNode(name="node2", allocatable=Reservation(5, 5), schedulable=False),
        ),
        pods=(
            pod("db", "db"),
            pod("cron", "cron"),
            pod("ended", "cron", ended_at=NOW, reserved=NOTHING),
            pod("system", "", instance=None),
            pod("other", "db", instance="b"),
            pod("waiting", "db", node=None),
        ),
        volumes=(
            ObservedVolume(name="v1", capacity_bytes=1, instance="a", is_mounted=True),
            ObservedVolume(name="v2", capacity_bytes=1, instance="a"),
            ObservedVolume(name="v3", capacity_bytes=1, instance="c", is_mounted=True),
        ),
    )
    first, second = make_rooms(fleet, schedules=["cron"])
    assert (first.reserved, first.running) == (Reservation(30, 60), Reservation(10, 20))
    assert (first.instances, first.pods, first.volumes) == (2, 6, 2)
    assert first.free == Reservation(60, 120)
    assert (second.schedulable, second.pods, second.volumes) == (False, None, None)
    (without, _second) = make_rooms(fleet, schedules=["cron"], without="a")
    assert (without.reserved, without.running, without.pods) == (Reservation(20, 40), NOTHING, 8)
    found = compute_capacity([first, second], NEED)
    assert (found.reserved, found.largest_free) == (Reservation(40, 80), Reservation(60, 120))


def test_an_instance_goes_where_the_most_memory_is_free() -> None:
    nodes = (room(10_000, 5000, name="small"), room(10_000, 9000, name="large"), room(1, 99_999, name="slow"))
    placed = assign_to_nodes(nodes, NEED)
    assert placed is not None
    assert [one.instances for one in placed] == [0, 1, 0]
    assert placed[1].reserved == NEED.lasting
    assert assign_to_nodes((nodes[2],), NEED) is None


ROOMS = st.lists(
    st.builds(
        room,
        st.integers(0, 40_000),
        st.integers(0, 40_000),
        instances=st.integers(0, 12),
        reserved=st.builds(Reservation, st.integers(0, 9000), st.integers(0, 9000)),
        running=st.builds(Reservation, st.integers(0, 900), st.integers(0, 900)),
        pods=st.one_of(st.none(), st.integers(0, 40)),
        volumes=st.one_of(st.none(), st.integers(0, 40)),
        schedulable=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=80, deadline=None)
@given(ROOMS)
def test_so_many_can_really_be_placed_and_not_one_more(rooms: list[NodeRoom]) -> None:
    nodes: tuple[NodeRoom, ...] = tuple(
        NodeRoom(**{**{name: getattr(one, name) for name in NodeRoom.__slots__}, "name": f"node{number}"})
        for number, one in enumerate(rooms)
    )
    more = compute_capacity(nodes, NEED).more
    assert more is not None
    for _ in range(more):
        placed = assign_to_nodes(nodes, NEED)
        assert placed is not None
        # Pods of schedules come and go; those counted before are on the node all the same.
        nodes = placed
    assert all(find_lack(one, NEED, 1) is not None for one in nodes if one.schedulable)
    assert assign_to_nodes(nodes, NEED) is None
