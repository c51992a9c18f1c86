"""What a managed cluster brings with it, on the real API server: challenges of cert-manager have room, and a cluster
whose policies would refuse instances says so before the first one is made."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from clusters.models import Cluster as ClusterRow
from clusters.registry import create_cluster
from engine.kubernetes.permissions import RBAC
from manifests.instance import make_instance_objects
from manifests.labels import POD_SECURITY_LABEL
from tests.cluster.control import Cluster, KubectlFailed, Object, wait_until
from tests.cluster.test_accepted import move
from tests.cluster.test_clusters_api import make_account
from tests.commands import run_json
from tests.manifests.cases import TLS, make_cases

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]
POLICY = "no-baseline"


def make_challenge(namespace: str) -> list[Object]:
    """Return the pod and the Service that cert-manager makes for a challenge, with its controller's defaults (in its
    source: pkg/issuer/acme/http)."""
    labels = {"acme.cert-manager.io/http01-solver": "true", "acme.cert-manager.io/http-token": "1"}
    amounts = {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}
    confined = {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "cm-acme-http-solver-1", "namespace": namespace, "labels": labels},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "restartPolicy": "OnFailure",
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "acmesolver",
                    "image": "solver",
                    "resources": amounts,
                    "ports": [{"name": "http", "containerPort": 8089}],
                    "securityContext": confined,
                }
            ],
        },
    }
    ports = [{"name": "http", "port": 8089, "targetPort": 8089}]
    return [
        pod,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "cm-acme-http-solver-1", "namespace": namespace, "labels": labels},
            "spec": {"type": "NodePort", "selector": labels, "ports": ports},
        },
    ]


@pytest.fixture
def place(definitions: Cluster) -> Iterator[str]:
    """The name of a namespace that is gone afterwards."""
    name = "challenged"
    yield name
    definitions.kubectl("delete", "namespace", name, "--ignore-not-found", "--timeout=60s")


def fill(cluster: Cluster, case: str, place: str) -> None:
    """Apply a case whose servers all run, and wait until the quota counts their pods and those of every schedule."""
    spec, settings = make_cases()[case]
    objects = move(make_instance_objects(spec, settings, tls=TLS), place)
    cluster.apply(objects)
    hard = cluster.get("resourcequota", "instance", namespace=place)["spec"]["hard"]
    wait_until(
        lambda: cluster.get("resourcequota", "instance", namespace=place).get("status", {}).get("hard") == hard,
        "the quota is in force",
    )
    for name in ("civicron", "civibackup"):
        cluster.kubectl("create", "job", f"{name}-now", f"--from=cronjob/{name}", namespace=place)
    wait_until(lambda: len(cluster.list("pods", namespace=place)) == 4, "servers and schedules have their pods")


def test_a_challenge_has_room_beside_everything_else(definitions: Cluster, place: str) -> None:
    fill(definitions, "tls-traefik", place)
    definitions.apply(make_challenge(place))
    second = make_challenge(place)[1]
    second["metadata"]["name"] = "another"
    with pytest.raises(KubectlFailed, match=r"services\.nodeports"):
        definitions.apply([second])


def test_without_an_issuer_no_port_of_the_node_is_given(definitions: Cluster, place: str) -> None:
    fill(definitions, "tls-traefik-secret", place)
    with pytest.raises(KubectlFailed, match=r"services\.nodeports"):
        definitions.apply(make_challenge(place)[1:])


def check(cluster: Cluster, **changes: object) -> dict[str, Any]:
    """Return the findings of `cluster_check` by the manager's own account, by code."""
    ClusterRow.objects.all().delete()
    row = {"name": "here", "kubeconfig": make_account(cluster, "civiparoisse-manager"), **changes}
    create_cluster({"ingress_kind": "none", **row}, requested_by="tests")
    _code, document = run_json("cluster_check", "here")
    return {found["code"]: found for found in document["findings"]}


@pytest.fixture
def refusing(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster with a policy as some providers have it: every namespace enforces "restricted"."""
    cluster.kubectl("apply", "-f", str(RBAC))
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": POLICY},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["namespaces"],
                    }
                ]
            },
            "validations": [
                {
                    "expression": (
                        f"has(object.metadata.labels) && '{POD_SECURITY_LABEL}' in object.metadata.labels &&"
                        f" object.metadata.labels['{POD_SECURITY_LABEL}'] == 'restricted'"
                    ),
                    "message": "namespaces enforce restricted here",
                }
            ],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": POLICY},
        "spec": {"policyName": POLICY, "validationActions": ["Deny"]},
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(policy))
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(binding))
    yield cluster
    cluster.kubectl("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", POLICY)


def test_a_policy_that_wants_restricted_is_told_in_its_words(refusing: Cluster) -> None:
    wait_until(lambda: "namespace_refused" in check(refusing), "the policy is in force", seconds=60)
    found = check(refusing)["namespace_refused"]
    assert found["level"] == "critical" and "namespaces enforce restricted here" in found["message"]
    assert "app.kubernetes.io/managed-by=civiparoisse-manager" in found["hint"]


def test_a_namespace_that_somebody_restricted_is_named(cluster: Cluster) -> None:
    cluster.kubectl("apply", "-f", str(RBAC))
    spec, settings = make_cases()["ingress-none"]
    namespace = move(make_instance_objects(spec, settings, tls=TLS), "restricted-parish")[0]
    try:
        cluster.apply([namespace])
        wait_until(lambda: "pod_security_baseline" in check(cluster), "no policy is left of another test", seconds=60)
        cluster.kubectl("label", "namespace", "restricted-parish", f"{POD_SECURITY_LABEL}=restricted", "--overwrite")
        found = check(cluster)["pod_security_restricted"]
        assert found["level"] == "critical" and "restricted-parish" in found["message"]
        cluster.kubectl("label", "namespace", "restricted-parish", f"{POD_SECURITY_LABEL}=baseline", "--overwrite")
        assert check(cluster)["pod_security_baseline"]["level"] == "ok"
    finally:
        cluster.kubectl("delete", "namespace", "restricted-parish", "--timeout=60s")


def test_the_certificates_issuer_is_looked_for(definitions: Cluster) -> None:
    definitions.kubectl("apply", "-f", str(RBAC))
    assert check(definitions, ingress_kind="traefik", settings={"tls_issuer": "letsencrypt"})["issuer_missing"]
    issuer = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {"name": "letsencrypt"},
        "spec": {"selfSigned": {}},
    }
    definitions.apply([issuer])
    try:
        found = check(definitions, ingress_kind="traefik", settings={"tls_issuer": "letsencrypt"})
        assert found["issuer_not_ready"]["level"] == "warning" and found["permissions_complete"]["level"] == "ok"
        ready = [{"type": "Ready", "status": "True"}]
        definitions.kubectl(
            *("patch", "clusterissuer", "letsencrypt", "--subresource=status", "--type=merge"),
            *("-p", json.dumps({"status": {"conditions": ready}})),
        )
        assert check(definitions, ingress_kind="gateway", settings={"tls_issuer": "letsencrypt"})["issuer_ready"]
    finally:
        definitions.kubectl("delete", "clusterissuer", "letsencrypt")
