"""What the tests of the engine on a control plane share: versions of objects, runs, the kubelet's part of the work."""

import json

from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from engine.kubernetes.client import FIELD_MANAGER
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.records import INITIALISED
from tests.builders import make_spec
from tests.cluster.control import Cluster, wait_until

BACKUP_ID = "20261121T080000Z-5f3a9c"
KINDS = (
    "namespaces,resourcequotas,limitranges,serviceaccounts,networkpolicies,secrets,configmaps,persistentvolumeclaims,"
    "services,statefulsets,cronjobs,poddisruptionbudgets,ingresses"
)
OURS = "app.kubernetes.io/managed-by=civiparoisse-manager"


def list_versions(cluster: Cluster, name: str) -> dict[str, str]:
    """Return every object of ours of one instance as we last wrote it, with the moment: controllers write into the
    status, and so into the resource's version, whenever they like."""
    found = cluster.list(KINDS, "-l", f"{OURS},civiparoisse.uepal.fr/instance={name}", "-A", "--show-managed-fields")
    versions = {}
    for one in found:
        metadata = one["metadata"]
        ours = [entry for entry in metadata.pop("managedFields") if entry["manager"] == FIELD_MANAGER]
        del metadata["resourceVersion"]
        one.pop("status", None)
        versions[f"{one['kind']}/{metadata['name']}"] = json.dumps([one, ours], sort_keys=True)
    return versions


def list_volumes(cluster: Cluster, name: str) -> list[str]:
    """Return the names of the volumes whose claim is or was in the namespace."""
    found = [one for one in cluster.list("pv") if (one["spec"].get("claimRef") or {}).get("namespace") == name]
    return sorted(one["metadata"]["name"] for one in found)


def has_settled(cluster: Cluster, name: str) -> bool:
    """Return whether controllers have written what they write into new objects: all four claims have their volumes,
    the quota knows its limits."""
    (quota,) = cluster.list("quota", namespace=name)
    bound = [one["status"].get("phase") for one in cluster.list("pvc", namespace=name)]
    return bound == ["Bound"] * 4 and quota.get("status", {}).get("hard") == quota["spec"]["hard"]


def prove(cluster: Cluster, name: str) -> None:
    """Say that the initial data was proven, as an init does."""
    cluster.kubectl("annotate", "namespace", name, f"{INITIALISED}=2026-11-25T22:00:00+00:00", "--overwrite")


def make_job(name: str, program: JobProgram = JobProgram.BACKUP, *, seconds: int = 600) -> JobSpec:
    """Return one run."""
    return JobSpec(name=name, program=program, environment={"BACKUP_ID": BACKUP_ID}, deadline_seconds=seconds)


def end_pod(
    cluster: Cluster, namespace: str, job: str, *, message: str = "", exit_code: int = 0, reason: str = ""
) -> None:
    """Do the kubelet's part: the pod of a Job has ended."""
    selector = f"batch.kubernetes.io/job-name={job}"
    wait_until(lambda: bool(cluster.list("pods", "-l", selector, namespace=namespace)), f"{job} has a pod")
    (pod,) = cluster.list("pods", "-l", selector, namespace=namespace)
    (container,) = [one["name"] for one in pod["spec"]["containers"]]
    times = {"startedAt": "2026-11-25T22:00:00Z", "finishedAt": "2026-11-25T22:01:00Z"}
    end = {"exitCode": exit_code, "reason": reason or "Completed", "message": message, **times}
    status = {
        "name": container,
        "ready": False,
        "restartCount": 0,
        "image": "x",
        "imageID": "",
        "state": {"terminated": end},
    }
    phase = "Failed" if exit_code else "Succeeded"
    patch = json.dumps({"status": {"phase": phase, "containerStatuses": [status]}})
    place = ("--subresource=status", "--type=merge", "-p", patch)
    cluster.kubectl("patch", "pod", pod["metadata"]["name"], *place, namespace=namespace)


def run_to_end(engine: KubernetesEngine, name: str, job: JobSpec) -> JobStatus:
    """Run a job and return its last status."""
    found: list[JobStatus] = []

    def has_ended() -> bool:
        found.append(engine.run_job(make_spec(name), job))
        return found[-1].phase is not JobPhase.RUNNING

    wait_until(has_ended, f"{job.name} has ended", seconds=60, show=lambda: str(found[-1]))
    return found[-1]
