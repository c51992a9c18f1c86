"""What the scheduler holds for a pod, as it computes it. Pure.

Source: k8s.io/component-helpers/resource PodRequests and KEP-753; kubernetes.io, "Effective pod requests and limits".
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from domain.quantities import parse_bytes, parse_millicores

PARSERS = {"cpu": parse_millicores, "memory": parse_bytes}


class Reservation(NamedTuple):
    """CPU in millicores and memory in bytes."""

    cpu_millicores: int
    memory_bytes: int

    def __str__(self) -> str:
        mebibytes = self.memory_bytes / 1024**2
        return f"{mebibytes:g}Mi {self.cpu_millicores}m"


NOTHING = Reservation(0, 0)


def add_reservations(reservations: Iterable[Reservation]) -> Reservation:
    """Return the sum, per resource."""
    parts = list(reservations)
    return Reservation(sum(part.cpu_millicores for part in parts), sum(part.memory_bytes for part in parts))


def find_peak(reservations: Iterable[Reservation]) -> Reservation:
    """Return the largest of each resource, which need not be of the same one; nothing of nothing."""
    moments = [NOTHING, *reservations]
    return Reservation(max(moment.cpu_millicores for moment in moments), max(moment.memory_bytes for moment in moments))


def compute_pod_request(pod_spec: Mapping[str, Any]) -> Reservation:
    """Return what the scheduler holds for the pod's whole life: the larger of its containers together and of its most
    demanding moment of initialisation, overhead added. A request that is not given is its limit."""
    return Reservation(_compute(pod_spec, "cpu", "requests"), _compute(pod_spec, "memory", "requests"))


def compute_pod_limit(pod_spec: Mapping[str, Any]) -> Reservation:
    """Return the pod's effective limits, by the same rule. Zero where a container has none: it has no ceiling."""
    return Reservation(_compute(pod_spec, "cpu", "limits"), _compute(pod_spec, "memory", "limits"))


def _compute(pod_spec: Mapping[str, Any], resource: str, kind: str) -> int:
    side = init_peak = 0
    for container in pod_spec.get("initContainers") or ():
        amount = _read(container, resource, kind) or 0
        if container.get("restartPolicy") == "Always":  # a native sidecar runs on; those after it come on top
            side += amount
            init_peak = max(init_peak, side)
        else:
            init_peak = max(init_peak, side + amount)
    running = side + sum(_read(container, resource, kind) or 0 for container in pod_spec.get("containers") or ())
    total = max(running, init_peak)
    of_the_pod = _read_of_pod(pod_spec, resource, kind)
    if of_the_pod is not None:
        total = of_the_pod
    overhead = (pod_spec.get("overhead") or {}).get(resource, 0)
    if kind == "limits" and total == 0:
        return 0
    return total + PARSERS[resource](overhead)


def _read_of_pod(pod_spec: Mapping[str, Any], resource: str, kind: str) -> int | None:
    """Return the amount of the pod itself, which replaces those of its containers. Its limit is its request only when
    no container has one (kube-apiserver, defaultPodRequests)."""
    resources = pod_spec.get("resources") or {}
    amount = (resources.get(kind) or {}).get(resource)
    if amount is None and kind == "requests":
        containers = [*(pod_spec.get("initContainers") or ()), *(pod_spec.get("containers") or ())]
        if all(_read(container, resource, kind) is None for container in containers):
            amount = (resources.get("limits") or {}).get(resource)
    return None if amount is None else PARSERS[resource](amount)


def _read(holder: Mapping[str, Any], resource: str, kind: str) -> int | None:
    """Return one amount of a container; a missing request is its limit, an explicit 0 is not a missing one."""
    resources = holder.get("resources") or {}
    amount = (resources.get(kind) or {}).get(resource)
    if amount is None and kind == "requests":
        amount = (resources.get("limits") or {}).get(resource)
    return None if amount is None else PARSERS[resource](amount)
