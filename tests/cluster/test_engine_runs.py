"""Runs, purges and rights on a real API server with its controllers, without a node: pods end when a test says so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ClusterForbidden
from domain.specs import JobPhase, JobProgram
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from tests.builders import make_spec
from tests.cluster.control import Cluster, wait_until
from tests.cluster.engine_at_work import BACKUP_ID, end_pod, has_settled, list_volumes, make_job, run_to_end

pytestmark = pytest.mark.cluster

RBAC = Path(__file__).parents[2] / "deploy" / "rbac.yaml"


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
    # A volume that is still being made when its claim goes comes afterwards, and goes by itself.
    wait_until(lambda: has_settled(cluster, name), "its volumes are there")
    wait_until(lambda: not engine.delete(name, keep_backups=True).remains, "all but the backups is gone", seconds=90)
    assert [one["metadata"]["name"] for one in cluster.list("pvc", namespace=name)] == ["backupsvolclaim"]
    assert cluster.list("secrets", namespace=name) == [] and not engine.observe(name).exists
    assert engine.apply(make_spec(name)).exists
    wait_until(lambda: has_settled(cluster, name), "its volumes are there again")
    wait_until(lambda: not engine.delete(name, keep_backups=False).remains, "all is gone", seconds=90)
    assert not cluster.exists("namespace", name)
    assert list_volumes(cluster, name) == [] and not engine.observe(name).exists


def test_the_role_of_deploy_is_enough_and_less_is_named(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name, account = make_name(), "civiparoisse-manager"
    # Another test may have given the account its role.
    cluster.kubectl("delete", "-f", str(RBAC), "--ignore-not-found", "--timeout=60s")
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
