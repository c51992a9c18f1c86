"""What somebody could do with a stolen token of the manager: tried, against the real API server."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from tests.builders import make_spec
from tests.cluster.by_hand import SETTINGS
from tests.cluster.control import Cluster, KubectlFailed, wait_until
from tests.cluster.engine_at_work import make_job

pytestmark = pytest.mark.cluster

DEPLOY = Path(__file__).parents[2] / "deploy"
ACCOUNT = "system:serviceaccount:civiparoisse-manager:civiparoisse-manager"
LABELS = {
    "app.kubernetes.io/managed-by": "civiparoisse-manager",
    "civiparoisse.uepal.fr/manager": "ours",
    "pod-security.kubernetes.io/enforce": "baseline",
}


@pytest.fixture(scope="module")
def thief(cluster: Cluster) -> Iterator[Callable[..., str]]:
    """kubectl as the manager's account, once role and policy are at work; the policy goes afterwards."""
    for name in ("rbac.yaml", "admission.yaml"):
        cluster.kubectl("apply", "-f", str(DEPLOY / name))

    def ask(*arguments: str, **options: Any) -> str:
        return cluster.kubectl(*arguments, "--as", ACCOUNT, **options)

    def is_at_work() -> bool:
        try:
            ask("create", "configmap", f"probe-{secrets.token_hex(3)}", "-n", "default")
        except KubectlFailed as refused:
            return "not one of the instance manager" in str(refused)
        return False

    wait_until(is_at_work, "the policy is at work", seconds=120)
    yield ask
    cluster.kubectl("delete", "-f", str(DEPLOY / "admission.yaml"))


def _make_namespace(name: str, **changed: str | None) -> str:
    labels = {key: value for key, value in {**LABELS, **changed}.items() if value is not None}
    return json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})


def _refuse(thief: Callable[..., str], *arguments: str, **options: Any) -> None:
    with pytest.raises(KubectlFailed, match="instance manager|mark of the manager|may not be deleted"):
        thief(*arguments, **options)


@pytest.mark.parametrize("namespace", ["default", "kube-system", "civiparoisse-manager"])
def test_nothing_is_written_into_a_namespace_of_others(thief: Callable[..., str], namespace: str) -> None:
    _refuse(thief, "create", "configmap", "stolen", namespace=namespace)
    _refuse(thief, "create", "secret", "generic", "stolen", namespace=namespace)
    _refuse(thief, "create", "job", "stolen", "--image=busybox", namespace=namespace)
    _refuse(thief, "label", "namespace", namespace, "app.kubernetes.io/managed-by=civiparoisse-manager", "--overwrite")
    _refuse(thief, "delete", "namespace", namespace)


def test_a_namespace_is_made_under_our_label_and_with_its_guard_only(thief: Callable[..., str]) -> None:
    for missing in ("app.kubernetes.io/managed-by", "pod-security.kubernetes.io/enforce"):
        _refuse(thief, "create", "-f", "-", stdin=_make_namespace("stolen", **{missing: None}))
    privileged = _make_namespace("stolen", **{"pod-security.kubernetes.io/enforce": "privileged"})
    _refuse(thief, "create", "-f", "-", stdin=privileged)


def test_what_the_manager_does_itself_is_let_through(
    thief: Callable[..., str], make_name: Callable[[], str], cluster: Cluster
) -> None:
    name = make_name()
    thief("create", "-f", "-", stdin=_make_namespace(name))
    thief("create", "configmap", "ours", namespace=name)
    thief("delete", "configmap", "ours", namespace=name)
    thief("label", "namespace", name, "civiparoisse.uepal.fr/tenant=x")
    for label in ("civiparoisse.uepal.fr/manager=theirs", "pod-security.kubernetes.io/enforce=privileged"):
        _refuse(thief, "label", "namespace", name, label, "--overwrite")
    _refuse(thief, "label", "namespace", name, "civiparoisse.uepal.fr/manager-")
    thief("delete", "namespace", name, "--wait=false")
    assert cluster.get("namespace", name)["status"]["phase"] == "Terminating"


def test_an_instance_lives_its_life_as_the_account(
    thief: Callable[..., str], cluster: Cluster, make_name: Callable[[], str]
) -> None:
    """The policy lets everything through that the engine does; also the deletion that keeps the backups."""
    document = yaml.safe_load(cluster.kubeconfig)
    token = cluster.kubectl("create", "token", "civiparoisse-manager", "-n", "civiparoisse-manager").strip()
    document["users"][0]["user"] = {"token": token}
    engine = KubernetesEngine("thief", connection=Connection(kubeconfig=yaml.safe_dump(document)), settings=SETTINGS)
    name = make_name()
    engine.apply(make_spec(name))
    assert engine.apply(make_spec(name)).exists  # no change is one too
    engine.run_job(make_spec(name), make_job("backup-1"))
    engine.delete(name, keep_backups=True)
    engine.delete(name, keep_backups=False)
    wait_until(lambda: not engine.observe(name).exists, "all of it is gone", seconds=180)
    with pytest.raises(KubectlFailed, match="instance manager"):
        thief("get", "--raw", "/api/v1/namespaces/kube-system/services/https:nothing:443/proxy/")


def test_a_volume_of_others_is_left_as_it_is(thief: Callable[..., str], cluster: Cluster) -> None:
    name = f"foreign-{secrets.token_hex(3)}"
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "hostPath": {"path": "/nowhere"},
    }
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(volume))
    try:
        change = json.dumps({"spec": {"persistentVolumeReclaimPolicy": "Delete"}})
        _refuse(thief, "patch", "persistentvolume", name, "-p", change)
    finally:
        cluster.kubectl("delete", "persistentvolume", name, "--wait=false")


def test_every_policy_denies() -> None:
    documents = list(yaml.safe_load_all((DEPLOY / "admission.yaml").read_text()))
    policies = {one["metadata"]["name"] for one in documents if one["kind"] == "ValidatingAdmissionPolicy"}
    bound = {one["spec"]["policyName"]: one for one in documents if one["kind"].endswith("Binding")}
    assert policies == set(bound) and all(one["spec"]["validationActions"] == ["Deny"] for one in bound.values())
