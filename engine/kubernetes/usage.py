"""What containers use now, from the cluster's metrics API (metrics.k8s.io), by one list."""

import functools
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.fleet import UsageSample
from domain.quantities import parse_bytes, parse_millicores
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ApiCall, ObjectMissing
from manifests.blueprints import list_blueprints, load_blueprint
from manifests.labels import INSTANCE_LABEL, OURS

PATH = "/apis/metrics.k8s.io/v1beta1/pods"
# Containers beside the programs, as every blueprint calls them -> as the plan calls them.
SIDECARS = {
    "dbrouter": "db_router",
    "wait-db": "httpd_init",
    "wait-db-cron": "cron_init",
    "prepare": "backup",
    "look": "cron",
}


@functools.cache
def list_plan_containers() -> Mapping[str, str]:
    """Return container -> its name in the plan."""
    names = dict(SIDECARS)
    for blueprint in (load_blueprint(name) for name in list_blueprints()):
        names |= {job.container: job.plan_container for job in blueprint.jobs.values()}
        names |= {declaration.container: component.value for component, declaration in blueprint.components.items()}
    return names


def observe_usage(client: ClusterClient) -> tuple[UsageSample, ...]:
    """Return a sample for every container of ours; empty where the cluster has no metrics API."""
    call = ApiCall(verb="list", resource="pods.metrics.k8s.io", name="", instance="*")
    try:
        document = client.read_document(PATH, call, query={"labelSelector": OURS})
    except ObjectMissing:
        return ()
    return tuple(sample for pod in document.get("items") or () for sample in make_samples(pod))


def make_samples(pod: Mapping[str, Any]) -> list[UsageSample]:
    """Return the samples of one pod's metrics, containers named as the plan names them."""
    metadata = pod["metadata"]
    instance = (metadata.get("labels") or {}).get(INSTANCE_LABEL) or metadata["namespace"]
    return [
        UsageSample(
            instance=instance,
            container=list_plan_containers().get(container["name"], container["name"]),
            at=datetime.fromisoformat(pod["timestamp"]),
            cpu_millicores=parse_millicores(container["usage"]["cpu"]),
            memory_bytes=parse_bytes(container["usage"]["memory"]),
        )
        for container in pod.get("containers") or ()
    ]
