"""How many nodes a fleet needs: bin packing of whole instances, never a division of totals. Pure."""

from collections.abc import Iterable

from domain.capacity import Need, NodeRoom, assign_to_nodes, make_need
from domain.reservations import Reservation
from finops.scenarios.whatif import Fleet

# Kubernetes' own default; providers count their system pods in it.
PODS_PER_NODE = 110
MOST_NODES = 10_000


def count_nodes(fleet: Fleet) -> int | None:
    """Return how many nodes hold what runs of the fleet, largest first. None where the prices do not name exactly one
    pool of nodes, or an instance is larger than a node."""
    pools = [prices.nodes for prices in fleet.prices.values() if prices.nodes is not None]
    if len(pools) != 1 or len(pools[0]) != 1:
        return None
    node = pools[0][0]
    needs = (make_need(parish.footprint) for parish in fleet.parishes if parish.is_running)
    return pack(needs, Reservation(node.cpu_millicores, node.memory_bytes))


def pack(needs: Iterable[Need], allocatable: Reservation) -> int | None:
    """Return how many nodes of that size hold these instances, None when one does not fit on any or there would be
    more than anybody has."""
    rooms: tuple[NodeRoom, ...] = ()
    for need in sorted(needs, key=lambda need: (-need.lasting.memory_bytes, -need.lasting.cpu_millicores)):
        placed = assign_to_nodes(rooms, need)
        if placed is None:
            fresh = NodeRoom(name=str(len(rooms)), allocatable=allocatable, pods=PODS_PER_NODE)
            placed = assign_to_nodes((*rooms, fresh), need)
        if placed is None or len(placed) > MOST_NODES:
            return None
        rooms = placed
    return len(rooms)
