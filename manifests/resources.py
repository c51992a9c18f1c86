"""Requests and limits of containers, and what a whole namespace may hold. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.cluster import Blueprint
from domain.quantities import format_bytes, format_millicores
from domain.reservations import Reservation, add_reservations, compute_pod_limit, compute_pod_request, find_peak
from domain.specs import Plan, Resources
from manifests.ways_in import SOLVER_LIMIT, SOLVER_REQUEST
from manifests.workloads import JOB_KIND, find_pod_template


def make_resources(resources: Resources) -> dict[str, dict[str, str]]:
    """Return a container's `resources`."""
    return {
        "requests": _make_amounts(Reservation(resources.cpu_request_millicores, resources.memory_request_bytes)),
        "limits": _make_amounts(Reservation(resources.cpu_limit_millicores, resources.memory_limit_bytes)),
    }


def compute_volume_sizes(plan: Plan, blueprint: Blueprint) -> dict[str, int]:
    """Return the bytes that each volume of the blueprint asks for."""
    return {name: getattr(plan, volume.size) for name, volume in blueprint.volumes.items()}


def compute_peak(workloads: Iterable[Mapping[str, Any]], *, limits: bool = False) -> Reservation:
    """Return the most that the pods of an instance hold together: its servers, every schedule running, and the
    largest single Job. `workloads`: servers, CronJobs and one Job of each program, replicas and suspension aside."""
    compute = compute_pod_limit if limits else compute_pod_request
    running: list[Reservation] = []
    jobs: list[Reservation] = []
    for workload in workloads:
        template = find_pod_template(workload)
        if template is not None:
            (jobs if workload["kind"] == JOB_KIND else running).append(compute(template["spec"]))
    return add_reservations([*running, find_peak(jobs)])


def make_quota(
    plan: Plan, blueprint: Blueprint, workloads: list[Mapping[str, Any]], *, solver: bool = False
) -> dict[str, Any]:
    """Return the namespace's quota, `hard`, and the `largest_container` that the plan has. `solver`: with room for a
    pod of cert-manager that answers a challenge, and for its Service, of type NodePort unless the issuer says other."""
    requests, limits = compute_peak(workloads), compute_peak(workloads, limits=True)
    if solver:
        requests = add_reservations([requests, SOLVER_REQUEST])
        limits = add_reservations([limits, SOLVER_LIMIT])
    running = [workload for workload in workloads if find_pod_template(workload) and workload["kind"] != JOB_KIND]
    sizes = compute_volume_sizes(plan, blueprint)
    hard = {
        "requests.cpu": format_millicores(requests.cpu_millicores),
        "requests.memory": format_bytes(requests.memory_bytes),
        "limits.cpu": format_millicores(limits.cpu_millicores),
        "limits.memory": format_bytes(limits.memory_bytes),
        "requests.storage": format_bytes(sum(sizes.values())),
        "persistentvolumeclaims": str(len(sizes)),
        # One Job beside the servers and schedules, and one more that still waits or ends.
        "pods": str(len(running) + 2 + solver),
        # Only the ingress leads inside.
        "services.loadbalancers": "0",
        "services.nodeports": str(int(solver)),
    }
    largest = find_peak(
        Reservation(container.cpu_limit_millicores, container.memory_limit_bytes)
        for container in plan.containers.values()
    )
    return {"hard": hard, "largest_container": _make_amounts(largest)}


def _make_amounts(amounts: Reservation) -> dict[str, str]:
    return {"cpu": format_millicores(amounts.cpu_millicores), "memory": format_bytes(amounts.memory_bytes)}
