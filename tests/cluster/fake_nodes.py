"""Nodes that are only objects: kept Ready by a thread that stands for their kubelets, and says that pods run.

The real scheduler places pods on them and the real controllers act on what becomes of the pods; nothing runs. A pod of
a server becomes Ready at once; a pod of a Job ends as `results` says for the program it runs, at once, or stays
running while there is none.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import urllib3

from tests.cluster.api import MERGE, STRATEGIC, Api

LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
NODES = "/api/v1/nodes"
PODS = "/api/v1/pods"
RENEW_SECONDS = 2.0
LOOK_SECONDS = 0.2
ROUNDS_PER_RENEWAL = int(RENEW_SECONDS / LOOK_SECONDS)
ENDED = ("Succeeded", "Failed")
MISSING = (200, 404, 409)


def format_time() -> str:
    """Return now as the API writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeNodes:
    """Context: some nodes of the given size, and the thread that keeps them."""

    def __init__(self, kubeconfig: str, names: tuple[str, ...], *, cpu: str = "8", memory: str = "16Gi") -> None:
        self.api = Api(kubeconfig)
        self.names = list(names)
        self.alive = set(names)
        # Program -> the termination message of its Jobs' pods, "" for one that writes none.
        self.results: dict[str, str] = {}
        self.failing: set[str] = set()
        self._size = {"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "100Gi"}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="fake-nodes", daemon=True)

    def __enter__(self) -> "FakeNodes":
        for name in self.names:
            self._create(name)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()
        for name in self.names:
            self.api.request("DELETE", f"{NODES}/{name}", accepted=MISSING)
            self.api.request("DELETE", f"{LEASES}/{name}", accepted=MISSING)
        for pod in self.api.list(PODS):
            if pod["spec"].get("nodeName") in self.names:
                self._remove(pod)
        self.api.close()

    def cordon(self, name: str, *, on: bool = True) -> None:
        """Let the scheduler put nothing more there, or let it again."""
        self.api.request("PATCH", f"{NODES}/{name}", {"spec": {"unschedulable": on}}, content_type=MERGE)

    def lose(self, name: str) -> None:
        """Stop giving signs of life: the controllers find out."""
        self.alive.discard(name)

    def remove(self, name: str) -> None:
        """Take the node out of the cluster, as a provider does with a machine that is gone."""
        self.lose(name)
        self.api.request("DELETE", f"{NODES}/{name}", accepted=MISSING)
        self.names.remove(name)

    def list_pods(self, namespace: str) -> list[dict[str, Any]]:
        """Return the pods of a namespace that have not ended."""
        pods = self.api.list(f"/api/v1/namespaces/{namespace}/pods")
        return [pod for pod in pods if pod["status"].get("phase") not in ENDED]

    def find_nodes(self, namespace: str) -> set[str | None]:
        """Return the nodes of the pods of a namespace; None is among them while one waits for a node."""
        return {pod["spec"].get("nodeName") for pod in self.list_pods(namespace)}

    def list_refusals(self, namespace: str) -> list[str]:
        """Return what the scheduler last said of each pod of a namespace that it found no node for. From the pods'
        conditions: of events that differ in their words only, the API's recorder keeps the first one's."""
        conditions = [one for pod in self.list_pods(namespace) for one in pod["status"].get("conditions", [])]
        return [
            one.get("message", "") for one in conditions if one["type"] == "PodScheduled" and one["status"] == "False"
        ]

    def _create(self, name: str) -> None:
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
        self.api.request("POST", NODES, node)
        ready = {"type": "Ready", "status": "True", "reason": "Fake", "lastHeartbeatTime": format_time()}
        status = {"capacity": self._size, "allocatable": self._size, "conditions": [ready]}
        self.api.request("PATCH", f"{NODES}/{name}/status", {"status": status}, content_type=STRATEGIC)
        spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": _format_micro_time()}
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}, "spec": spec}
        self.api.request("POST", LEASES, lease)

    def _keep(self) -> None:
        rounds = 0
        while not self._stop.wait(LOOK_SECONDS):
            try:
                if rounds % ROUNDS_PER_RENEWAL == 0:
                    for name in sorted(self.alive):
                        self._renew(name)
                for pod in self.api.list(PODS):
                    if pod["spec"].get("nodeName") in self.alive:
                        self._run(pod)
            except (urllib3.exceptions.HTTPError, AssertionError):
                # The API server is killed by tests; a kubelet tries again for ever.
                continue
            rounds += 1

    def _renew(self, name: str) -> None:
        body = {"spec": {"renewTime": _format_micro_time()}}
        self.api.request("PATCH", f"{LEASES}/{name}", body, content_type=MERGE, accepted=MISSING)

    def _run(self, pod: Mapping[str, Any]) -> None:
        if "deletionTimestamp" in pod["metadata"]:
            self._remove(pod)
            return
        program = pod["metadata"].get("labels", {}).get("app.kubernetes.io/component", "")
        is_job = any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", []))
        phase = pod["status"].get("phase")
        if is_job and phase in ("Pending", "Running") and (program in self.results or program in self.failing):
            self._report(pod, _make_ended(pod, self.results.get(program, ""), failed=program in self.failing))
        elif phase == "Pending":
            self._report(pod, _make_running(pod))

    def _report(self, pod: Mapping[str, Any], status: dict[str, Any]) -> None:
        path = f"{_make_path(pod)}/status"
        self.api.request("PATCH", path, {"status": status}, content_type=STRATEGIC, accepted=MISSING)

    def _remove(self, pod: Mapping[str, Any]) -> None:
        # As a kubelet does: first it says that the containers have ended, or a Job would never let its pod go.
        if pod["status"].get("phase") not in ENDED:
            self._report(pod, _make_ended(pod, "", failed=True))
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
        self.api.request("DELETE", _make_path(pod), options, accepted=MISSING)


def _make_path(pod: Mapping[str, Any]) -> str:
    metadata = pod["metadata"]
    return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"


def _format_micro_time() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _make_running(pod: Mapping[str, Any]) -> dict[str, Any]:
    now = format_time()
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": now}
        for kind in ("Initialized", "ContainersReady", "Ready")
    ]
    state = {"running": {"startedAt": now}}
    containers = [_make_container(one, state, ready=True) for one in pod["spec"]["containers"]]
    return {"phase": "Running", "startTime": now, "conditions": conditions, "containerStatuses": containers}


def _make_ended(pod: Mapping[str, Any], message: str, *, failed: bool) -> dict[str, Any]:
    now = format_time()
    ended = {"exitCode": int(failed), "reason": "Error" if failed else "Completed", "message": message}
    state = {"terminated": {**ended, "startedAt": now, "finishedAt": now}}
    containers = [_make_container(one, state, ready=False) for one in pod["spec"]["containers"]]
    phase = "Failed" if failed else "Succeeded"
    return {"phase": phase, "startTime": now, "containerStatuses": containers}


def _make_container(container: Mapping[str, Any], state: Mapping[str, Any], *, ready: bool) -> dict[str, Any]:
    fixed = {"restartCount": 0, "imageID": "", "started": ready}
    return {"name": container["name"], "image": container["image"], "ready": ready, "state": state, **fixed}
