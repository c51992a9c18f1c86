"""Where pods are inside of objects. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

SERVER_KINDS = frozenset({"StatefulSet", "Deployment"})
SCHEDULE_KIND = "CronJob"
JOB_KIND = "Job"


def find_pod_template(object_: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the pod template of a workload, None for an object that makes no pods."""
    if object_["kind"] == SCHEDULE_KIND:
        template: dict[str, Any] = object_["spec"]["jobTemplate"]["spec"]["template"]
        return template
    if object_["kind"] in SERVER_KINDS | {JOB_KIND}:
        template = object_["spec"]["template"]
        return template
    return None


def list_containers(pod_spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every container of a pod, those of its start first."""
    yield from pod_spec.get("initContainers", ())
    yield from pod_spec["containers"]
