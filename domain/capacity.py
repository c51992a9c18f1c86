"""How many more instances a place takes, and what stops the next one. Pure.

All pods of one instance must be on one node: they share volumes that can be mounted on one at a time
(docs/traps.md#one-node). So an instance is placed whole, node by node; totals of a cluster say nothing. What is asked
of a node for n instances is their servers, and room for those of their schedules that run at once: they are spread
over their periods.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.fleet import ObservedFleet
from domain.footprints import Footprint
from domain.reservations import NOTHING, Reservation, add_reservations, find_peak

# Of so many instances on a node, one runs this schedule at any moment: ten minutes of a cron's period, 360 of a night
# in which a backup takes ten. At least one always does.
SPREAD = {"cron": 10, "backup": 36}


class Binding(StrEnum):
    """What there is too little of for one more instance."""

    MEMORY = "memory"
    CPU = "cpu"
    PODS = "pods"
    VOLUMES = "volumes"
    NODES = "nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one instance asks of its node. `lasting`: what it holds whatever it does, servers or the largest job.
    `schedules`: by name, what each holds while it runs. `servers`, `volumes`: how many."""

    lasting: Reservation
    schedules: Mapping[str, Reservation] = field(default_factory=dict)
    servers: int = 0
    volumes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRoom:
    """A node. `reserved`: by everything on it but runs of schedules; `running`: by those now; `beside`: by what is no
    instance's. `instances`: how many of ours are on it. `pods`, `volumes`: how many more it takes, None when it does
    not say."""

    name: str
    allocatable: Reservation
    reserved: Reservation = NOTHING
    running: Reservation = NOTHING
    beside: Reservation = NOTHING
    instances: int = 0
    pods: int | None = None
    volumes: int | None = None
    schedulable: bool = True

    @property
    def free(self) -> Reservation:
        """What nothing holds now, 0 where more is held than there is."""
        held = add_reservations([self.reserved, self.running])
        return Reservation(
            max(0, self.allocatable.cpu_millicores - held.cpu_millicores),
            max(0, self.allocatable.memory_bytes - held.memory_bytes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a place takes. `more`: how many more instances fit, None when it cannot tell its nodes. `binding`: what
    stops the next one. `rooms`: the nodes. `per_node`: how many more on each, by name. `new_nodes`: how
    many nodes more the place makes by itself when none takes the next one."""

    more: int | None
    binding: Binding | None = None
    rooms: tuple[NodeRoom, ...] = ()
    per_node: Mapping[str, int] = field(default_factory=dict)
    new_nodes: int = 0

    @property
    def allocatable(self) -> Reservation:
        """What all nodes that take pods have."""
        return add_reservations(room.allocatable for room in self.rooms if room.schedulable)

    @property
    def reserved(self) -> Reservation:
        """What is held of it now."""
        return add_reservations(
            held for room in self.rooms if room.schedulable for held in (room.reserved, room.running)
        )

    @property
    def largest_free(self) -> Reservation:
        """The most CPU and the most memory that is free on one node; not always the same one."""
        return find_peak(room.free for room in self.rooms if room.schedulable)


def make_need(footprint: Footprint) -> Need:
    """Return what an instance with that footprint asks of its node."""
    jobs = [footprint.jobs[name] for name in ("init", "update") if name in footprint.jobs]
    return Need(
        # These run with the servers stopped: the larger of the two.
        lasting=find_peak([footprint.at_rest, *jobs]),
        schedules=footprint.schedules,
        servers=len(footprint.servers),
        volumes=len(footprint.volumes),
    )


def make_rooms(fleet: ObservedFleet, *, schedules: Iterable[str], without: str | None = None) -> tuple[NodeRoom, ...]:
    """Return the nodes of a place with what is on them. `schedules`: components whose pods run now and then.
    `without`: an instance to leave out, since it is about to ask for other sizes."""
    passing = frozenset(schedules)
    mounted = Counter(volume.instance for volume in fleet.volumes if volume.is_mounted and volume.instance)
    rooms = []
    for node in fleet.nodes:
        pods = [pod for pod in fleet.pods if pod.node == node.name and pod.ended_at is None]
        own = [pod for pod in pods if pod.instance is not None and pod.instance == without]
        pods = [pod for pod in pods if pod not in own]
        ours = {pod.instance for pod in pods if pod.instance is not None}
        volumes = sum(mounted[instance] for instance in ours)
        rooms.append(
            NodeRoom(
                name=node.name,
                allocatable=node.allocatable,
                reserved=add_reservations(pod.reserved for pod in pods if pod.component not in passing),
                running=add_reservations(pod.reserved for pod in pods if pod.component in passing),
                beside=add_reservations(pod.reserved for pod in pods if pod.instance is None),
                instances=len(ours),
                pods=None if node.most_pods is None else max(0, node.most_pods - len(pods)),
                volumes=None if node.most_volumes is None else max(0, node.most_volumes - volumes),
                schedulable=node.schedulable,
            )
        )
    return tuple(rooms)


def compute_capacity(rooms: Iterable[NodeRoom], need: Need) -> Capacity:
    """Return how many more instances with that need fit. A place without nodes cannot tell."""
    nodes = tuple(rooms)
    if not nodes:
        return Capacity(more=None)
    per_node: dict[str, int] = {}
    stops: Counter[Binding] = Counter()
    for room in nodes:
        if room.schedulable:
            per_node[room.name], binding = count_more(room, need)
            stops[binding] += 1
    order = list(Binding)
    binding = min(stops, key=lambda stop: (-stops[stop], order.index(stop)), default=Binding.NODES)
    return Capacity(more=sum(per_node.values()), binding=binding, rooms=nodes, per_node=per_node)


def assign_to_nodes(rooms: Iterable[NodeRoom], need: Need) -> tuple[NodeRoom, ...] | None:
    """Return the nodes once an instance with that need is on the one with the most free memory that takes it, as the
    scheduler spreads them; None when none takes it."""
    nodes = tuple(rooms)
    taking = [room for room in nodes if room.schedulable and find_lack(room, need, 1) is None]
    if not taking:
        return None
    chosen = max(taking, key=lambda room: (room.free.memory_bytes, room.free.cpu_millicores, room.name))
    taken = dataclasses.replace(
        chosen,
        reserved=add_reservations([chosen.reserved, need.lasting]),
        instances=chosen.instances + 1,
        pods=None if chosen.pods is None else chosen.pods - need.servers,
        volumes=None if chosen.volumes is None else chosen.volumes - need.volumes,
    )
    return tuple(taken if room is chosen else room for room in nodes)


def fits_new_node(rooms: Iterable[NodeRoom], need: Need, *, most_nodes: int) -> bool:
    """Return whether a node that the place would make by itself takes an instance with that need: there may be more
    nodes, and one as large as the largest, with what runs beside instances there, has room for it. Pure."""
    nodes = tuple(rooms)
    if len(nodes) >= most_nodes or not nodes:
        return False
    largest = max(nodes, key=lambda room: (room.allocatable.memory_bytes, room.allocatable.cpu_millicores))
    beside = largest.beside
    new = NodeRoom(name="new", allocatable=largest.allocatable, reserved=beside)
    return find_lack(new, need, 1) is None


def compute_added(need: Need, room: NodeRoom) -> Reservation:
    """Return what room for schedules one more instance asks of the node, beyond what runs there now: with
    `need.lasting`, all that is compared with what is free. Pure."""
    passing, _pods = compute_passing(need, room.instances + 1)
    return Reservation(
        max(0, passing.cpu_millicores - room.running.cpu_millicores),
        max(0, passing.memory_bytes - room.running.memory_bytes),
    )


def count_more(room: NodeRoom, need: Need) -> tuple[int, Binding]:
    """Return how many more instances fit on a node, and what stops the next one. Need grows with their number, so the
    answer is found by halving."""
    low, high = 0, 1
    while find_lack(room, need, high) is None:
        if high > 1_000_000:
            raise ValueError("an instance that needs nothing fits without end")
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if find_lack(room, need, middle) is None else (low, middle)
    lack = find_lack(room, need, high)
    assert lack is not None
    return low, lack


def find_lack(room: NodeRoom, need: Need, count: int) -> Binding | None:
    """Return what there is too little of for `count` more instances on a node; None when they fit."""
    passing, passing_pods = compute_passing(need, room.instances + count)
    # What runs now may be more than usual; it is on its way out, but it is there.
    running = find_peak([passing, room.running])
    cpu = room.reserved.cpu_millicores + running.cpu_millicores + count * need.lasting.cpu_millicores
    memory = room.reserved.memory_bytes + running.memory_bytes + count * need.lasting.memory_bytes
    if memory > room.allocatable.memory_bytes:
        return Binding.MEMORY
    if cpu > room.allocatable.cpu_millicores:
        return Binding.CPU
    if room.pods is not None and count * need.servers + passing_pods > room.pods:
        return Binding.PODS
    if room.volumes is not None and count * need.volumes > room.volumes:
        return Binding.VOLUMES
    return None


def compute_passing(need: Need, instances: int) -> tuple[Reservation, int]:
    """Return what the schedules of so many instances on one node hold at once, and in how many pods."""
    if not instances:
        return NOTHING, 0
    counts = {name: -(-instances // SPREAD.get(name, 1)) for name in need.schedules}
    held = add_reservations(
        Reservation(schedule.cpu_millicores * counts[name], schedule.memory_bytes * counts[name])
        for name, schedule in need.schedules.items()
    )
    return held, sum(counts.values())
