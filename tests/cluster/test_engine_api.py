"""The engine against a real API server with its controllers, without a node: what is sent, refused, undone."""

import dataclasses
import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.cluster import ClusterSettings, IngressKind
from domain.errors import CiviparoisseError, ClusterConflict, ClusterForbidden, ClusterInvalid, QuotaExceeded
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.records import INITIALISED
from tests.builders import GIBIBYTE, make_plan, make_spec
from tests.cluster.control import Cluster, KubectlFailed, wait_until

pytestmark = pytest.mark.cluster

BACKUP_ID = "20261121T080000Z-5f3a9c"
RBAC = Path(__file__).parents[2] / "deploy" / "rbac.yaml"
KINDS = (
    "namespaces,resourcequotas,limitranges,serviceaccounts,networkpolicies,secrets,configmaps,persistentvolumeclaims,"
    "services,statefulsets,cronjobs,poddisruptionbudgets,ingresses"
)
OURS = "app.kubernetes.io/managed-by=civiparoisse-manager"


@pytest.fixture
def engine(cluster: Cluster) -> KubernetesEngine:
    """An engine whose memory is empty, as a new process has it."""
    settings = ClusterSettings(ingress_kind=IngressKind.NONE, deletion_grace_seconds=0)
    made = KubernetesEngine("real", connection=Connection(kubeconfig=cluster.kubeconfig), settings=settings)
    made.client.applied.clear()
    return made


@pytest.fixture
def make_name(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Return names of instances that are gone after the test."""
    made: list[str] = []

    def make() -> str:
        words = request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")
        made.append(f"{words[:40].strip('-')}-{secrets.token_hex(3)}")
        return made[-1]

    yield make
    for name in made:
        cluster.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")


def list_versions(cluster: Cluster, name: str) -> dict[str, str]:
    """Return the version of every object of ours of one instance."""
    found = cluster.list(KINDS, "-l", f"{OURS},civiparoisse.uepal.fr/instance={name}", "-A")
    return {f"{one['kind']}/{one['metadata']['name']}": one["metadata"]["resourceVersion"] for one in found}


def are_bound(cluster: Cluster, name: str) -> bool:
    """Return whether all four claims have their volumes."""
    return [one["status"].get("phase") for one in cluster.list("pvc", namespace=name)] == ["Bound"] * 4


def prove(cluster: Cluster, name: str) -> None:
    """Say that the initial data was proven, as an init does."""
    cluster.kubectl("annotate", "namespace", name, f"{INITIALISED}=2026-11-25T22:00:00+00:00", "--overwrite")


def make_job(name: str, program: JobProgram = JobProgram.BACKUP, *, seconds: int = 600) -> JobSpec:
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
    found: list[JobStatus] = []

    def has_ended() -> bool:
        found.append(engine.run_job(make_spec(name), job))
        return found[-1].phase is not JobPhase.RUNNING

    wait_until(has_ended, f"{job.name} has ended", seconds=60, show=lambda: str(found[-1]))
    return found[-1]


def test_twice_is_no_change(cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]) -> None:
    name = make_name()
    before = engine.client.requests
    observed = engine.apply(make_spec(name))
    requests = engine.client.requests - before
    assert observed.exists and not observed.initialised and observed.is_running(frozenset())
    # The claims' controllers write into them until they are bound.
    wait_until(lambda: are_bound(cluster, name), "its volumes are there")
    versions = list_versions(cluster, name)
    assert requests <= 1.1 * len(versions), (requests, len(versions))
    engine.client.applied.clear()
    engine.apply(make_spec(name))
    assert list_versions(cluster, name) == versions
    assert engine.list_drift([make_spec(name)]) == {}
    assert engine.observe_fleet().instances[name] == engine.observe(name)


def test_servers_are_asked_for_once_the_data_was_proven(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    """Without a node their pods stay Pending, and the scheduler's sentence is told."""
    name = make_name()
    engine.apply(make_spec(name))
    prove(cluster, name)
    engine.apply(make_spec(name))

    def says_why() -> bool:
        return "Unschedulable" in engine.observe(name).components["db"].detail  # type: ignore[index]

    wait_until(says_why, "the scheduler has spoken", show=lambda: str(engine.observe(name).components))
    assert engine.suspend(make_spec(name)).exists
    wait_until(lambda: engine.observe(name).is_running(frozenset()), "all is stopped")


def test_a_conflict_is_shown_and_not_forced(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    cluster.kubectl("scale", "statefulset/paroisse-set-db", "--replicas=3", namespace=name)
    engine.client.applied.clear()
    with pytest.raises(ClusterConflict) as raised:
        engine.apply(make_spec(name))
    assert raised.value.params["field"] == ".spec.replicas" and "kubectl" in raised.value.params["manager"]
    assert raised.value.params["object"] == "statefulsets/paroisse-set-db"
    assert cluster.get("statefulset", "paroisse-set-db", namespace=name)["spec"]["replicas"] == 3
    (drift,) = engine.list_drift([make_spec(name)])[name]
    assert (drift.object, drift.path) == ("StatefulSet/paroisse-set-db", "spec.replicas")


def test_what_is_rendered_no_longer_is_pruned(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.settings = dataclasses.replace(engine.settings, ingress_kind=IngressKind.INGRESS)
    engine.apply(make_spec(name))
    assert cluster.exists("ingress", "ingressproxy", namespace=name)
    cluster.kubectl("create", "configmap", "theirs", namespace=name)
    engine.settings = dataclasses.replace(engine.settings, ingress_kind=IngressKind.NONE)
    engine.apply(make_spec(name))
    assert not cluster.exists("ingress", "ingressproxy", namespace=name)
    assert cluster.exists("configmap", "theirs", namespace=name) and len(cluster.list("pvc", namespace=name)) == 4


def test_a_kind_that_the_cluster_lacks_is_named(engine: KubernetesEngine, make_name: Callable[[], str]) -> None:
    engine.settings = dataclasses.replace(
        engine.settings, ingress_kind=IngressKind.TRAEFIK, traefik_api_group="no.such/v1"
    )
    with pytest.raises(CiviparoisseError) as raised:
        engine.apply(make_spec(make_name()))
    assert (raised.value.code, raised.value.params["api"]) == ("cluster_api_missing", "no.such/v1")


def test_a_full_quota_is_told(cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]) -> None:
    name = make_name()
    cluster.kubectl("create", "namespace", name)
    cluster.kubectl("label", "namespace", name, OURS)
    cluster.kubectl("create", "quota", "theirs", "--hard=count/secrets=1", namespace=name)
    quota = "{.status.hard}"
    wait_until(
        lambda: bool(cluster.kubectl("get", "quota", "theirs", "-o", f"jsonpath={quota}", namespace=name)),
        "the quota holds",
    )
    with pytest.raises(QuotaExceeded) as raised:
        engine.apply(make_spec(name))
    assert "theirs" in raised.value.params["detail"]
    cluster.kubectl("delete", "quota", "theirs", namespace=name)
    assert engine.apply(make_spec(name)).exists


def test_a_smaller_volume_and_another_selector_are_refused_before_anything_is_sent(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name, plan=make_plan(db_volume_bytes=2 * GIBIBYTE)))
    versions = list_versions(cluster, name)
    with pytest.raises(CiviparoisseError) as raised:
        engine.apply(make_spec(name))
    assert raised.value.code == "volume_shrinks"
    assert {key: value for key, value in list_versions(cluster, name).items() if "Claim" not in key} == {
        key: value for key, value in versions.items() if "Claim" not in key
    }


def test_a_volume_that_cannot_grow_says_so(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    wait_until(lambda: are_bound(cluster, name), "its volumes are there")
    with pytest.raises(ClusterInvalid) as raised:
        engine.apply(make_spec(name, plan=make_plan(db_volume_bytes=2 * GIBIBYTE)))
    assert "dbvolclaim" in raised.value.params["object"] and "resized" in raised.value.params["reason"]


def test_a_namespace_of_somebody_else_s_stays_as_it_is(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    cluster.kubectl("create", "namespace", name)
    before = cluster.get("namespace", name)["metadata"]["resourceVersion"]
    for call in (lambda: engine.apply(make_spec(name)), lambda: engine.delete(name, keep_backups=False)):
        with pytest.raises(CiviparoisseError) as raised:
            call()
        assert raised.value.code == "namespace_foreign"
    assert cluster.get("namespace", name)["metadata"]["resourceVersion"] == before
    assert not engine.observe(name).exists and name not in engine.observe_fleet().instances


def test_a_run_once_its_result_and_its_set(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name, job = make_name(), make_job("backup-op-1")
    engine.apply(make_spec(name))
    assert engine.run_job(make_spec(name), job).phase is JobPhase.RUNNING
    assert engine.run_job(make_spec(name), job).phase is JobPhase.RUNNING
    end_pod(cluster, name, job.name, message=json.dumps({"ok": True, "backup_id": BACKUP_ID}))
    status = run_to_end(engine, name, job)
    assert (status.phase, status.result) == (JobPhase.SUCCEEDED, {"ok": True, "backup_id": BACKUP_ID})
    assert len(cluster.list("jobs", namespace=name)) == 1
    cluster.kubectl("delete", "job", job.name, namespace=name)
    assert engine.run_job(make_spec(name), job) == status
    assert cluster.list("jobs", namespace=name) == [] and engine.observe(name).backup_ids == (BACKUP_ID,)


@pytest.mark.parametrize(
    ("end", "phase", "said"),
    [
        ({"exit_code": 137, "reason": "OOMKilled"}, JobPhase.LOST, "lack of memory"),
        ({"exit_code": 1, "message": '{"ok": false, "error": {"code": "no_space"}}'}, JobPhase.FAILED, ""),
    ],
)
def test_a_run_that_failed(
    cluster: Cluster,
    engine: KubernetesEngine,
    make_name: Callable[[], str],
    end: dict[str, Any],
    phase: JobPhase,
    said: str,
) -> None:
    name, job = make_name(), make_job("backup-op-1")
    engine.apply(make_spec(name))
    engine.run_job(make_spec(name), job)
    end_pod(cluster, name, job.name, **end)
    status = run_to_end(engine, name, job)
    assert status.phase is phase and said in status.message


def test_a_deadline_is_the_cluster_s_own(engine: KubernetesEngine, make_name: Callable[[], str]) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    status = run_to_end(engine, name, make_job("backup-late", seconds=0))
    assert status.phase is JobPhase.FAILED and status.result is not None
    assert status.result["error"]["code"] == "deadline_exceeded"


def test_a_cancelled_run_leaves_nothing_and_its_name_is_used(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name, job = make_name(), make_job("backup-op-1")
    engine.apply(make_spec(name))
    engine.run_job(make_spec(name), job)
    engine.cancel_job(name, job.name)
    assert cluster.list("pods", namespace=name) == []
    assert engine.run_job(make_spec(name), job).phase is JobPhase.LOST
    engine.cancel_job(name, "never-asked")


def test_a_nightly_backup_is_found_afterwards(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    cluster.kubectl("create", "job", "civibackup-29000000", "--from=cronjob/civibackup", namespace=name)
    end_pod(cluster, name, "civibackup-29000000", message=json.dumps({"ok": True, "backup_id": BACKUP_ID}))
    wait_until(
        lambda: [run.phase for run in engine.list_scheduled_runs(name)] == [JobPhase.SUCCEEDED], "its end is seen"
    )
    (run,) = engine.list_scheduled_runs(name)
    assert run.program is JobProgram.BACKUP and run.result == {"ok": True, "backup_id": BACKUP_ID}
    cluster.kubectl("delete", "job", "civibackup-29000000", namespace=name)
    assert engine.list_scheduled_runs(name) == (run,)
    assert engine.observe(name).backup_ids == (BACKUP_ID,)


def test_a_purge_leaves_nothing_or_the_backups(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    wait_until(lambda: not engine.delete(name, keep_backups=True).remains, "all but the backups is gone", seconds=90)
    assert [one["metadata"]["name"] for one in cluster.list("pvc", namespace=name)] == ["backupsvolclaim"]
    assert cluster.list("secrets", namespace=name) == [] and not engine.observe(name).exists
    assert engine.apply(make_spec(name)).exists
    wait_until(lambda: not engine.delete(name, keep_backups=False).remains, "all is gone", seconds=90)
    assert not cluster.exists("namespace", name)
    left = [one for one in cluster.list("pv") if (one["spec"].get("claimRef") or {}).get("namespace") == name]
    assert left == [] and not engine.observe(name).exists


def test_the_role_of_deploy_is_enough_and_less_is_named(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name, account = make_name(), "civiparoisse-manager"
    cluster.kubectl("create", "namespace", account)
    cluster.kubectl("create", "serviceaccount", account, namespace=account)
    try:
        least = _act_as(engine, cluster.kubectl("create", "token", account, namespace=account).strip(), cluster)
        with pytest.raises(ClusterForbidden) as raised:
            least.apply(make_spec(name))
        assert (raised.value.params["verb"], raised.value.params["resource"]) == ("get", "namespaces")
        cluster.kubectl("apply", "-f", str(RBAC))
        wait_until(lambda: _is_allowed(least), "the role holds")
        _live(least, cluster, name)
    finally:
        cluster.kubectl("delete", "-f", str(RBAC), "--ignore-not-found", "--wait=false")


def _act_as(engine: KubernetesEngine, token: str, cluster: Cluster) -> KubernetesEngine:
    import yaml

    content = yaml.safe_load(cluster.kubeconfig)
    content["users"][0]["user"] = {"token": token}
    return KubernetesEngine("least", connection=Connection(kubeconfig=json.dumps(content)), settings=engine.settings)


def _is_allowed(engine: KubernetesEngine) -> bool:
    try:
        engine.observe_fleet()
    except ClusterForbidden:
        return False
    return True


def _live(engine: KubernetesEngine, cluster: Cluster, name: str) -> None:
    """A whole life under the least rights."""
    spec = make_spec(name)
    engine.apply(spec)
    engine.list_drift([spec])
    engine.run_job(spec, make_job("backup-op-1"))
    wait_until(lambda: bool(cluster.list("pods", namespace=name)), "it has a pod")
    engine.run_job(spec, make_job("backup-op-1"))
    engine.cancel_job(name, "backup-op-1")
    assert not engine.probe(spec).ok
    assert engine.observe_usage() == () and engine.list_scheduled_runs(name) == ()
    wait_until(lambda: not engine.delete(name, keep_backups=True).remains, "the backups are kept", seconds=90)
    wait_until(lambda: not engine.delete(name, keep_backups=False).remains, "all is gone", seconds=90)


def test_an_api_server_that_dies_is_retryable_and_nothing_is_lost(
    own_cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    own_cluster.kill("apiserver")
    try:
        for call in (
            lambda: engine.apply(make_spec(name)),
            lambda: engine.run_job(make_spec(name), make_job("backup-1")),
        ):
            with pytest.raises(CiviparoisseError) as raised:
                call()
            assert (raised.value.code, raised.value.retryable) == ("cluster_unreachable", True)
    finally:
        own_cluster.start("apiserver")
    wait_until(lambda: _is_back(own_cluster), "the API server is back")
    versions = list_versions(own_cluster, name)
    engine.client.applied.clear()
    engine.apply(make_spec(name))
    assert {key for key, value in list_versions(own_cluster, name).items() if versions[key] != value} == set()


def _is_back(cluster: Cluster) -> bool:
    try:
        cluster.kubectl("get", "--raw", "/readyz")
    except KubectlFailed:
        return False
    return True
