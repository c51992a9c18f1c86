"""Objects as a cluster gives them back: pods in every state, Jobs that ended, the controllers' part of the work."""

import json
from datetime import UTC, datetime
from typing import Any

from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.lifecycle import apply_and_observe
from engine.kubernetes.records import INITIALISED, RECORDER, make_namespace_reference
from manifests.labels import COMPONENT_LABEL, MANAGER_LABEL, make_labels
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi

NOW = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
BACKUP_ID = "20261121T080000Z-5f3a9c"
NAMESPACE = "saint-paul"
Object = dict[str, Any]


def make_namespace(*, manager: str | None = "") -> Object:
    """Return Saint-Paul's namespace as it is before anything is in it. `manager`: the mark of who made it, None
    without one."""
    labels = {**make_labels(NAMESPACE), **({} if manager is None else {MANAGER_LABEL: manager})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def make_pod(name: str, component: str, *, job: str = "", node: str | None = "node1", **status: Any) -> Object:
    """Return a pod of Saint-Paul; `status` as the API names it, by default running and ready."""
    labels = {**make_labels(NAMESPACE), COMPONENT_LABEL: component}
    if job:
        labels["batch.kubernetes.io/job-name"] = job
    ready = [{"type": "Ready", "status": "True"}]
    container = {"name": component, "resources": {"requests": {"cpu": "250m", "memory": "384Mi"}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "spec": {"containers": [container], **({"nodeName": node} if node else {})},
        "status": {"phase": "Running", "conditions": ready, "startTime": "2026-11-25T22:00:00Z", **status},
    }


def make_end(container: str, *, message: object = "", exit_code: int = 0, reason: str = "") -> Object:
    """Return a container's status once it has ended; `message`: a text, or what becomes JSON."""
    text = message if isinstance(message, str) else json.dumps(message)
    end = {"exitCode": exit_code, "reason": reason, "message": text, "finishedAt": "2026-11-25T22:05:00Z"}
    return {"name": container, "state": {"terminated": end}}


def make_ended_pod(name: str, component: str, *, job: str = "", **end: Any) -> Object:
    """Return a pod whose program has ended."""
    phase = "Failed" if end.get("exit_code") else "Succeeded"
    return make_pod(
        name, component, job=job, phase=phase, conditions=[], containerStatuses=[make_end(component, **end)]
    )


def make_volume(
    name: str, namespace: str, *, phase: str = "Bound", policy: str = "Delete", claim: str = "dbvolclaim"
) -> Object:
    """Return a volume as the cluster's provisioner makes it."""
    return {
        "kind": "PersistentVolume",
        "metadata": {"name": name, "creationTimestamp": "2026-11-25T22:00:00Z"},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "storageClassName": "standard",
            "persistentVolumeReclaimPolicy": policy,
            "claimRef": {"namespace": namespace, "name": claim},
        },
        "status": {"phase": phase},
    }


def end_job(api: FakeApi, name: str, *, kind: str = "Complete", reason: str = "") -> Object:
    """Do the Job controller's part: the Job has ended."""
    job = api.get("Job", name, NAMESPACE)
    condition = {"type": kind, "status": "True", "reason": reason, "lastTransitionTime": "2026-11-25T22:06:00Z"}
    job["status"] = {"startTime": "2026-11-25T22:00:00Z", "conditions": [condition]}
    return api.put(job)


def run_server(api: FakeApi, component: str) -> None:
    """Do the StatefulSet controller's and the kubelet's part: as many ready pods as are asked for."""
    name = f"paroisse-set-{component}"
    server = api.get("StatefulSet", name, NAMESPACE)
    replicas, generation = server["spec"]["replicas"], server["metadata"].get("generation", 0)
    ready = {"observedGeneration": generation, "readyReplicas": replicas, "updatedReplicas": replicas}
    server["status"] = {**ready, "updateRevision": "rev-1"}
    api.put(server)
    if replicas:
        pod = make_pod(f"{name}-0", component)
        pod["metadata"]["labels"]["controller-revision-hash"] = "rev-1"
        api.put(pod)
    else:
        api.objects.pop(("Pod", NAMESPACE, f"{name}-0"), None)


def provision(api: FakeApi, engine: KubernetesEngine) -> None:
    """Apply Saint-Paul, proven already, and run its servers."""
    apply_and_observe(engine.client, make_spec(NAMESPACE), engine.settings, now=NOW, unproven=True)
    patch = {"metadata": {"annotations": {INITIALISED: NOW.isoformat()}}}
    engine.client.merge(make_namespace_reference(NAMESPACE), patch, manager=RECORDER, instance=NAMESPACE)
    for component in ("db", "httpd"):
        run_server(api, component)
