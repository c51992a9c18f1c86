"""deploy/chart with a real helm on the real API: it takes every option, pods are restricted, keys outlive a release."""

import base64
import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from manifests.workloads import find_pod_template, list_containers
from tests.cluster.control import SCRIPT, Cluster, KubectlFailed, Object
from tests.gates.source import ROOT

pytestmark = pytest.mark.cluster
CHART = ROOT / "deploy" / "chart"
SPACE = "civiparoisse-chart"
RELEASE = "here"
USUAL = "civiparoisse-manager"
KEYS = "here-keys"
FIRST_TRY = {"mysql": {"included": True}, "redis": {"included": True}}
REAL = {"secrets": {"existing": "ours"}, "mysql": {"host": "db.example.org"}}
MONITORED = {"monitoring": {"serviceMonitor": True, "prometheusRule": True, "labels": {"release": "prometheus"}}}
OPTIONS: dict[str, dict[str, Any]] = {
    "first try": FIRST_TRY,
    "of its own": REAL,
    "one of each": {**REAL, "web": {"replicas": 1}, "worker": {"replicas": 1, "threads": 8, "gracePeriodSeconds": 30}},
    "image": {**REAL, "image": {"repository": "a/b", "tag": "7", "pullPolicy": "Always", "pullSecrets": ["opens"]}},
    "no account": {**REAL, "serviceAccount": {"inCluster": False}},
    "account of a cloud": {**REAL, "serviceAccount": {"annotations": {"example.org/role": "x"}}},
    "no admission": {**REAL, "admission": {"enabled": False}},
    "ingress": {**REAL, "ingress": {"enabled": True, "className": "x", "annotations": {"a": "b"}, "tlsSecret": "cert"}},
    "route": {**REAL, "httpRoute": {"enabled": True, "parentRefs": [{"name": "door", "namespace": "doors"}]}},
    "no policies": {**REAL, "networkPolicy": {"enabled": False}},
    "policy": {**FIRST_TRY, "networkPolicy": {"webFrom": [{"namespaceSelector": {"matchLabels": {"door": "yes"}}}]}},
    "places": {**REAL, "nodeSelector": {"disk": "quick"}, "tolerations": [{"key": "ours", "operator": "Exists"}]},
    "settings": {**REAL, "tls": False, "host": "localhost", "settings": {"CIVIPAROISSE_MAIL_HOST": "mail.example.org"}},
    "storage": {"mysql": {"included": True, "size": "5Gi", "storageClass": "quick"}, "redis": {"included": True}},
    "resources": {**REAL, "web": {"resources": {}}, "clock": {"resources": {"limits": {"memory": "1Gi"}}}},
}
REFUSED: dict[str, dict[str, Any]] = {
    "/host": {"host": "https://manager.example.org/"},
    "/web/replicas": {"web": {"replicas": 0}},
    "/worker/gracePeriodSeconds": {"worker": {"gracePeriodSeconds": 1}},
    "/image/pullPolicy": {"image": {"pullPolicy": "Sometimes"}},
    "/mysql/port": {"mysql": {"port": 70000}},
    "/mysql/size": {"mysql": {"size": "many"}},
    "replcas": {"web": {"replcas": 3}},
    "CIVIPAROISSE_MYSQL_PASSWORD": {"settings": {"CIVIPAROISSE_MYSQL_PASSWORD": "x"}},
    "CIVIPAROISSE_BROKER": {"settings": {"CIVIPAROISSE_BROKER": "filesystem"}},
    "DJANGO_DEBUG": {"settings": {"DJANGO_DEBUG": "1"}},
    "secrets.existing is empty": {"secrets": {"existing": ""}},
    "mysql.host is empty": {"mysql": {"host": ""}},
    "httpRoute.parentRefs": {"httpRoute": {"enabled": True}},
}


def helm(*arguments: str, values: dict[str, Any] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run helm with values on its standard input."""
    given = ["--values", "-"] if values is not None else []
    text = yaml.safe_dump(values or {})
    command = [str(SCRIPT), "helm", *arguments, *given]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=300, check=False)


def render(values: dict[str, Any], *, namespace: str = SPACE) -> list[Object]:
    """Return the objects of an installation, those of `helm test` too."""
    done = helm("template", RELEASE, str(CHART), "--namespace", namespace, "--kube-version", "1.36", values=values)
    assert done.returncode == 0, done.stderr
    return [found for found in yaml.safe_load_all(done.stdout) if found]


@pytest.fixture
def space(cluster: Cluster) -> Iterator[str]:
    """A namespace that lets in what is restricted alone."""
    label = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE, "labels": label}}])
    yield SPACE
    helm("uninstall", RELEASE, "--namespace", SPACE, "--ignore-not-found", "--no-hooks")
    cluster.kubectl("delete", "namespace", SPACE, "--timeout=90s")


def make_pods(found: list[Object]) -> list[Object]:
    """Return the pods that the objects make, by themselves."""
    pods = [one for one in found if one["kind"] == "Pod"]
    for one in found:
        template = find_pod_template(one)
        if template is not None:
            spec = {"restartPolicy": "Always", **template["spec"]}
            named = {claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", ())}
            claims = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in sorted(named)]
            spec["volumes"] = [*spec.get("volumes", ()), *claims]
            name = f"of-{one['metadata']['name']}"
            pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
    return pods


def test_it_is_linted_strictly() -> None:
    for values in (FIRST_TRY, {**REAL, **MONITORED}):
        done = helm("lint", "--strict", str(CHART), "--kube-version", "1.36", values=values)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("said", REFUSED)
def test_wrong_values_are_refused_with_their_names(said: str) -> None:
    done = helm("template", RELEASE, str(CHART), "--kube-version", "1.36", values={**REAL, **REFUSED[said]})
    assert done.returncode != 0 and said in done.stderr


def test_the_api_takes_every_option_and_its_pods_are_restricted(definitions: Cluster, space: str) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": USUAL, "namespace": space}}
    definitions.apply([account])
    wrong = []
    for name, values in OPTIONS.items():
        found = render(values)
        pods = make_pods(found)
        assert len(pods) >= 5
        try:
            text = yaml.safe_dump_all([*found, *pods], sort_keys=False)
            definitions.kubectl(
                "apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-f", "-",
                stdin=text, namespace=space,
            )  # fmt: skip
        except KubectlFailed as error:
            wrong.append(f"{name}: {error}")
        for pod in pods:
            for container in list_containers(pod["spec"]):
                assert container["securityContext"]["readOnlyRootFilesystem"], (name, pod["metadata"])
    assert wrong == []


def test_what_is_not_restricted_would_be_refused(cluster: Cluster, space: str) -> None:
    pod = next(one for one in render(FIRST_TRY) if one["kind"] == "Pod")
    pod["spec"]["securityContext"]["runAsNonRoot"] = False
    pod["spec"]["serviceAccountName"] = "default"
    with pytest.raises(KubectlFailed, match="restricted"):
        cluster.apply([pod], "--dry-run=server", "--namespace", space)


def test_role_and_admission_are_those_of_deploy() -> None:
    kept = ("apiVersion", "kind", "rules", "subjects", "roleRef", "spec")
    for name, files in (("role", "rbac.yaml"), ("admission", "admission.yaml")):
        wanted = list(yaml.safe_load_all((ROOT / "deploy" / files).read_text()))
        wanted = [one for one in wanted if one["kind"] != "Namespace"]
        rendered = {(one["kind"], one["metadata"]["name"]): one for one in render(FIRST_TRY, namespace=USUAL)}
        for one in wanted:
            found = rendered[one["kind"], one["metadata"]["name"]]
            assert {key: found.get(key) for key in kept} == {key: one.get(key) for key in kept}, name
            assert found["metadata"].get("namespace") == one["metadata"].get("namespace")


def test_in_another_namespace_they_are_of_that_one() -> None:
    found = [one for one in render(FIRST_TRY) if one["kind"].startswith(("Cluster", "Role", "Validating"))]
    text = yaml.safe_dump_all(found, width=10_000)
    accounts = set(re.findall(r"system:serviceaccount:[\w-]+:[\w-]+", text))
    assert accounts == {f"system:serviceaccount:{SPACE}:{USUAL}"}
    assert f'request.namespace == "{SPACE}"' in text and f'request.namespace == "{USUAL}"' not in text
    assert {one["subjects"][0]["namespace"] for one in found if "subjects" in one} == {SPACE}
    assert f'== "{USUAL}"' in text  # the mark of its own namespaces is the same everywhere


def test_prometheus_is_given_the_rules_of_deploy() -> None:
    found = {one["kind"]: one for one in render({**REAL, **MONITORED})}
    rules = yaml.safe_load((ROOT / "deploy" / "monitoring" / "rules.yaml").read_text())
    assert found["PrometheusRule"]["spec"] == rules
    (endpoint,) = found["ServiceMonitor"]["spec"]["endpoints"]
    assert endpoint["authorization"]["credentials"] == {"name": "ours", "key": "metrics_token"}
    assert endpoint["relabelings"] == [{"targetLabel": "job", "replacement": "civiparoisse"}]
    assert found["PrometheusRule"]["metadata"]["labels"]["release"] == "prometheus"


def read_keys(cluster: Cluster) -> dict[str, str]:
    """Return what is in the Secret of the release."""
    data = cluster.get("secret", KEYS, namespace=SPACE)["data"]
    return {name: base64.b64decode(value).decode() for name, value in data.items()}


def test_its_keys_are_made_once_and_outlive_it(cluster: Cluster, space: str) -> None:
    place = ("--namespace", space, "--no-hooks")
    installed = helm("install", RELEASE, str(CHART), *place, values=FIRST_TRY)
    assert installed.returncode == 0, installed.stderr
    keys = read_keys(cluster)
    assert re.fullmatch(r"k1:[\w-]{43}=", keys["field_keys"]) and keys["redis_password"] in keys["redis_url"]
    assert cluster.exists("job", "here-migrate", namespace=space)
    again = helm("upgrade", RELEASE, str(CHART), *place, values={**FIRST_TRY, "web": {"replicas": 3}})
    assert again.returncode == 0, again.stderr
    assert read_keys(cluster) == keys
    assert cluster.get("deployment", "here-web", namespace=space)["spec"]["replicas"] == 3
    # Its change of the database comes before the upgrade from now on, and is no part of the release.
    assert not cluster.exists("job", "here-migrate", namespace=space)
    assert "helm.sh/hook: pre-upgrade" in helm("get", "hooks", RELEASE, "--namespace", space).stdout
    gone = helm("uninstall", RELEASE, *place)
    assert gone.returncode == 0 and KEYS in gone.stdout
    assert read_keys(cluster) == keys
    assert not cluster.exists("deployment", "here-web", namespace=space)
    back = helm("install", RELEASE, str(CHART), *place, values=FIRST_TRY)
    assert back.returncode == 0, back.stderr
    assert read_keys(cluster) == keys


def test_the_lines_of_the_page_are_taken(cluster: Cluster) -> None:
    text = (ROOT / "docs" / "install-cluster.md").read_text()
    lines = re.findall(r"^helm (upgrade .+)$", text, re.MULTILINE)
    assert len(lines) == 2 and cluster.own
    # What other tests applied by hand is helm's only when it is told so, as the page says.
    by_hand = ("-f", str(ROOT / "deploy" / "rbac.yaml"), "-f", str(ROOT / "deploy" / "admission.yaml"))
    cluster.kubectl("apply", *by_hand)
    for line in lines:
        command = [*shlex.split(line.replace("deploy/chart", str(CHART))), "--dry-run=server"]
        refused = helm(*command)
        assert refused.returncode and "invalid ownership metadata" in refused.stderr, (line, refused.stderr)
        taken = helm(*command, "--take-ownership")
        assert taken.returncode == 0, (line, taken.stderr)
    cluster.kubectl("delete", *by_hand, "--timeout=120s")
    for line in lines:
        done = helm(*shlex.split(line.replace("deploy/chart", str(CHART))), "--dry-run=server")
        assert done.returncode == 0, (line, done.stderr)
