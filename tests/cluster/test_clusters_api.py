"""The manager's own account on a real API server: checked as a person would, and drift found under the least role."""

import base64
import dataclasses
import json
from collections.abc import Iterator

import pytest
import yaml

from clusters.models import Cluster as ClusterRow
from clusters.registry import create_cluster
from domain.cluster import ClusterSettings, IngressKind
from domain.findings import Drift
from domain.specs import JobPhase, JobProgram, JobSpec
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.permissions import RBAC, read_permissions
from tests.builders import make_spec
from tests.cluster.control import Cluster, wait_until
from tests.commands import run_json

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]
ACCOUNT = "civiparoisse-manager"
IDENTIFIER = "drift-parish"
SETTINGS = ClusterSettings(ingress_kind=IngressKind.NONE)


def make_account(cluster: Cluster, name: str) -> str:
    """Return a kubeconfig of a service account of the manager's namespace."""
    token = cluster.kubectl("create", "token", name, namespace=ACCOUNT).strip()
    document = yaml.safe_load(cluster.kubeconfig)
    return yaml.safe_dump(
        {**document, "users": [{"name": one["name"], "user": {"token": token}} for one in document["users"]]}
    )


@pytest.fixture
def role(cluster: Cluster) -> str:
    """The kubeconfig of the account that deploy/rbac.yaml makes."""
    cluster.kubectl("apply", "-f", str(RBAC))
    return make_account(cluster, ACCOUNT)


def make_row(kubeconfig: str, **changes: object) -> ClusterRow:
    """Return the cluster as a person records it."""
    data = {"name": "here", "kubeconfig": kubeconfig, "ingress_kind": "none", **changes}
    return create_cluster(data, requested_by="tests")


def list_codes(document: dict[str, object]) -> dict[str, str]:
    """Return the level of each finding by its code."""
    return {found["code"]: found["level"] for found in document["findings"]}  # type: ignore[attr-defined]


def test_the_least_role_has_every_permission(role: str) -> None:
    make_row(role)
    code, document = run_json("cluster_check", "here")
    found = list_codes(document)
    assert found["api_answers"] == found["version_supported"] == found["permissions_complete"] == "ok", document
    assert found["storage_class_found"] == "ok" and "look_refused" not in found
    assert code in (0, 1), document


def test_an_account_without_the_role_is_told_what_it_lacks(cluster: Cluster, role: str) -> None:  # noqa: ARG001
    wait_until(lambda: cluster.exists("serviceaccount", "default", namespace=ACCOUNT), "the default account is there")
    make_row(make_account(cluster, "default"))
    code, document = run_json("cluster_check", "here")
    assert (code, list_codes(document)["permissions_missing"]) == (2, "critical")
    assert "kubectl apply -f deploy/rbac.yaml" in json.dumps(document)


def test_a_token_of_somebody_else_is_refused(cluster: Cluster) -> None:
    document = yaml.safe_load(cluster.kubeconfig)
    forged = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"none"}', b"{}", b"x"))
    users = [{"name": one["name"], "user": {"token": forged}} for one in document["users"]]
    make_row(yaml.safe_dump({**document, "users": users}))
    assert list_codes(run_json("cluster_check", "here")[1]) == {"api_refused": "critical"}


def test_every_permission_is_of_a_resource_that_kubernetes_has(cluster: Cluster) -> None:
    for api in ("v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1", "storage.k8s.io/v1"):
        path, group = (f"/apis/{api}", api.partition("/")[0]) if "/" in api else (f"/api/{api}", "")
        served = {one["name"]: one["verbs"] for one in json.loads(cluster.kubectl("get", "--raw", path))["resources"]}
        for one in read_permissions():
            if one.group == group:
                name = f"{one.resource}/{one.subresource}" if one.subresource else one.resource
                assert one.verb in served[name], one


@pytest.fixture
def engine(cluster: Cluster, role: str) -> Iterator[KubernetesEngine]:
    """The engine under the least role, with one instance applied that was never initialised."""
    place = KubernetesEngine("here", connection=Connection(kubeconfig=role), settings=SETTINGS)
    place.apply(make_spec(IDENTIFIER))
    yield place
    cluster.kubectl("delete", "namespace", IDENTIFIER, "--ignore-not-found", "--wait=false")


def find(engine: KubernetesEngine) -> dict[tuple[str, str], Drift]:
    """Return the drift of the instance by object and field; looked at alone and among others, it is the same."""
    alone = engine.list_drift([make_spec(IDENTIFIER)])
    assert engine.list_drift([make_spec(IDENTIFIER), make_spec("not-there")]) == alone
    return {(one.object, one.path): one for one in alone.get(IDENTIFIER, ())}


def test_drift_is_what_somebody_changed_and_nothing_else(cluster: Cluster, engine: KubernetesEngine) -> None:
    assert find(engine) == {}, "defaults of the server are no drift"
    cluster.kubectl("scale", "statefulset", "paroisse-set-db", "--replicas=1", namespace=IDENTIFIER)
    cluster.kubectl("delete", "service", "civicrmdb", namespace=IDENTIFIER)
    cluster.kubectl("label", "secret", "secret", "somebody=else", namespace=IDENTIFIER)
    patch = json.dumps({"data": {"dbsecret": "aHVudGVyMg=="}})
    cluster.kubectl("patch", "secret", "secret", "-p", patch, namespace=IDENTIFIER)
    found = find(engine)
    replicas = found["StatefulSet/paroisse-set-db", "spec.replicas"]
    assert (replicas.wanted, replicas.found) == ("0", "1")
    assert found["Service/civicrmdb", ""].found is None
    assert found["Secret/secret", "data.dbsecret"].found == '"***"'
    assert len(found) == 3, found
    cluster.kubectl("delete", "statefulset", "paroisse-set-db", namespace=IDENTIFIER)
    cluster.kubectl("delete", "secret", "secret", namespace=IDENTIFIER)
    # What a process applied a moment ago it does not send again; a worker would be another one.
    engine.client.applied.clear()
    engine.resume(make_spec(IDENTIFIER))
    assert find(engine) == {}, "a resume repairs"


def test_a_whole_life_is_permitted(cluster: Cluster, role: str) -> None:
    """Without a node: everything that an engine is asked for is asked, under the least role; a right that lacks would
    raise ClusterForbidden."""
    name = "permitted-parish"
    spec = make_spec(name)
    connection = Connection(kubeconfig=role)
    with_ingress = dataclasses.replace(SETTINGS, ingress_kind=IngressKind.INGRESS)
    place = KubernetesEngine("here", connection=connection, settings=with_ingress)
    place.apply(spec)
    assert cluster.list("ingress", namespace=name)
    job = JobSpec(name="init-1", program=JobProgram.INIT, environment={}, deadline_seconds=600)
    assert place.run_job(spec, job).phase is JobPhase.RUNNING
    assert place.run_job(spec, job).phase is JobPhase.RUNNING
    place.cancel_job(name, job.name)
    assert not place.probe(spec).ok
    assert name in place.observe_fleet().instances
    assert place.observe_usage() == () and place.list_scheduled_runs(name) == ()
    bare = KubernetesEngine("here", connection=connection, settings=SETTINGS)
    bare.apply(spec)
    assert not cluster.list("ingress", namespace=name), "what belonged to the other way in is pruned"
    bare.suspend(spec)
    bare.resume(spec)
    wait_until(lambda: not bare.delete(name, keep_backups=True).remains, "all but the backups is gone", seconds=120)
    assert cluster.exists("namespace", name)
    wait_until(lambda: not bare.delete(name, keep_backups=False).remains, "everything is gone", seconds=120)
    assert not bare.observe(name).exists and not cluster.exists("namespace", name)
