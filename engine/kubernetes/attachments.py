"""How many volumes nodes may hold: the limits that storage drivers state on a CSINode, less what others hold there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from domain.errors import ClusterForbidden
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ObjectMissing
from engine.kubernetes.pods import get_name

Object = Mapping[str, Any]
LEGACY = "attachable-volumes-"


def read_limits(client: ClusterClient) -> dict[str, dict[str, int]]:
    """Return node -> driver -> how many of its volumes the node may hold; empty where the account may not look (a role
    that was applied before this was asked)."""
    try:
        nodes = list(client.list("storage.k8s.io/v1", "CSINode", any_version=True))
    except (ClusterForbidden, ObjectMissing):
        return {}
    return {get_name(node): parse_limits(node) for node in nodes}


def parse_limits(node: Object) -> dict[str, int]:
    """Return driver -> limit of one CSINode; a driver that states none has none. Pure."""
    drivers = (node.get("spec") or {}).get("drivers") or ()
    counts = {driver["name"]: (driver.get("allocatable") or {}).get("count") for driver in drivers}
    return {name: count for name, count in counts.items() if isinstance(count, int)}


def list_own_drivers(volumes: Iterable[Object]) -> frozenset[str]:
    """Return the drivers of the volumes given; those of other drivers take no room of theirs. Pure."""
    drivers = (((volume.get("spec") or {}).get("csi") or {}).get("driver") for volume in volumes)
    return frozenset(driver for driver in drivers if driver)


def find_limit(
    allocatable: Mapping[str, Any], limits: Mapping[str, int], *, used: Iterable[str], taken: Mapping[str, int]
) -> int | None:
    """Return how many volumes of ours a node may hold, None when nothing says so. `used`: the drivers of our volumes;
    without any, whichever is the tightest. `taken`: driver -> how many volumes of others the node holds. Pure."""
    wanted = set(used) & limits.keys() or limits.keys()
    rooms = [max(0, limits[driver] - taken.get(driver, 0)) for driver in wanted]
    rooms += [int(amount) for name, amount in allocatable.items() if name.startswith(LEGACY)]
    return min(rooms, default=None)


def count_foreign(
    pods: Iterable[Object], drivers: Mapping[tuple[str, str], str], *, is_ours: Mapping[str, bool]
) -> dict[str, Counter[str]]:
    """Return node -> driver -> how many volumes of others pods hold there. `drivers`: (namespace, claim) -> driver;
    `is_ours`: namespace -> whether it is an instance's. Pure."""
    held: dict[str, set[tuple[str, str]]] = {}
    for pod in pods:
        node, namespace = pod["spec"].get("nodeName"), pod["metadata"]["namespace"]
        if not node or is_ours.get(namespace):
            continue
        claims = (volume.get("persistentVolumeClaim") for volume in pod["spec"].get("volumes") or ())
        held.setdefault(node, set()).update((namespace, claim["claimName"]) for claim in claims if claim)
    return {node: Counter(drivers[claim] for claim in claims if claim in drivers) for node, claims in held.items()}
