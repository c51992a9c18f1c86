"""deploy/rbac.yaml is the least: what the engine and the check ask is in it, and nothing in it is never asked."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from domain.cluster import ClusterSettings, IngressKind
from domain.specs import JobProgram, JobSpec
from engine.access_log import MANAGER_AGENT
from engine.kubernetes.check import list_findings
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.permissions import (
    CERTIFICATES,
    PROXY,
    RBAC,
    WAYS_IN,
    Permission,
    read_permissions,
    select_needed,
)
from tests.builders import make_spec
from tests.clusters.api_server import REVIEW, make_answers
from tests.engine.kubernetes.fake_api import PATH, FakeApi, running_api
from tests.engine.kubernetes.objects import NAMESPACE, make_pod, make_volume, provision
from tests.engine.log_lines import make_line

SPEC = make_spec(NAMESPACE)
BACKUP = JobSpec(
    name="backup-1",
    program=JobProgram.BACKUP,
    environment={"BACKUP_ID": "20261121T080000Z-5f3a9c"},
    deadline_seconds=60,
)
# Everything that a resource of an instance is written with.
PRUNED = {"get", "list", "create", "patch", "delete", "deletecollection"}


def _parse_call(method: str, target: str) -> set[Permission]:
    """Return what a call needs (kubernetes.io, "Authorization", request verbs); server-side apply may create too."""
    found = PATH.fullmatch(urlsplit(target).path)
    assert found is not None, target
    group = found["api"].rpartition("/")[0]
    subresource = (found["sub"] or "").partition("/")[0]
    name = found["name"]
    verbs = {
        "GET": {"get" if name else "list"},
        "POST": {"create"},
        "PATCH": {"patch"} | ({"create"} if "force" in parse_qs(urlsplit(target).query) else set()),
        "DELETE": {"delete" if name else "deletecollection"},
    }[method]
    return {Permission(group, found["plural"], verb, subresource) for verb in verbs}


def _live_through(api: FakeApi, kind: IngressKind) -> None:
    """Do everything that operations and reports ask of an engine, to one instance."""
    settings = ClusterSettings(ingress_kind=kind, tls_issuer="letsencrypt")
    engine = KubernetesEngine("here", connection=Connection(api.kubeconfig), settings=settings)
    provision(api, engine)
    engine.run_job(SPEC, BACKUP)
    key = next(name for found, _place, name in api.objects if found == "Job")
    api.put(make_pod("p-1", "backup", job=key))
    api.logs["p-1"] = "reading\n"
    # It was made long ago and has waited since.
    for key, job in api.objects.items():
        if key[0] == "Job":
            job["status"] = {"startTime": "2026-01-01T00:00:00Z"}
    engine.run_job(SPEC, BACKUP)
    engine.cancel_job(NAMESPACE, BACKUP.name)
    api.metrics = []
    engine.observe_usage()
    engine.observe_fleet()
    engine.list_scheduled_runs(NAMESPACE)
    engine.list_drift([SPEC])
    engine.list_drift([SPEC, make_spec("saint-jean")])
    engine.probe(SPEC)
    api.logs["paroisse-set-httpd-0"] = make_line(datetime.now(UTC), agent=MANAGER_AGENT).decode()
    engine.observe_visits(SPEC, since=datetime.now(UTC))
    engine.suspend(SPEC)
    # Another way in: what belonged to the first is pruned.
    other = dataclasses.replace(settings, ingress_kind=IngressKind.NONE)
    KubernetesEngine("here", connection=engine.connection, settings=other).resume(SPEC)
    engine.apply(SPEC)
    engine.delete(NAMESPACE, keep_backups=True)
    engine.delete(NAMESPACE, keep_backups=False)
    engine.observe(NAMESPACE)
    api.put(make_volume("pv-1", NAMESPACE, phase="Released", policy="Retain"))
    engine.remove_volume("pv-1")


@pytest.fixture(scope="module")
def asked() -> set[Permission]:
    """What the engine asked in the life of one instance on each kind of cluster."""
    found: set[Permission] = set()
    for kind in IngressKind:
        with running_api() as api:
            _live_through(api, kind)
            found |= {one for method, target in api.calls for one in _parse_call(method, target)}
    return found


def _list_checked() -> set[Permission]:
    """Return what cluster_check asks beside its reviews, on each kind of cluster."""
    paths: set[str] = set()

    def ask(_method: str, path: str, content: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: ARG001
        paths.add(path)
        return (201, {"status": {"allowed": True}}) if path == REVIEW else (200, make_answers().get(path, {}))

    for kind in IngressKind:
        list_findings(ask, ClusterSettings(ingress_kind=kind, tls_issuer="letsencrypt"), read_permissions())
    # Discovery and reviews are everybody's (the roles system:discovery and system:basic-user).
    resources = ("storageclasses", "ingressclasses", "daemonsets", "pods", "gateways", "nodes", "clusterissuers")
    found = set()
    for path in paths:
        parts = path.split("/")
        name = next((part for part in resources if part in parts), None)
        if name is not None:
            group = parts[2] if parts[1] == "apis" else ""
            found.add(Permission(group, name, "list" if parts[-1] == name else "get"))
    return found


def test_everything_the_engine_asks_is_permitted(asked: set[Permission]) -> None:
    assert sorted(map(str, asked - set(read_permissions()))) == []


def test_everything_the_check_asks_is_permitted() -> None:
    assert len(_list_checked()) == 6
    assert _list_checked() <= set(read_permissions())


def test_nothing_is_permitted_that_is_never_asked(asked: set[Permission]) -> None:
    used = asked | _list_checked()
    # Each kind that is applied can be pruned (get, delete) and removed with all of its kind.
    applied = {(one.group, one.resource) for one in used if one.verb == "patch"}
    unused = {
        one
        for one in set(read_permissions()) - used
        if not ((one.group, one.resource) in applied and one.verb in PRUNED)
    }
    assert sorted(map(str, unused)) == []


def test_no_rule_gives_everything() -> None:
    for one in read_permissions():
        assert "*" not in f"{one.group}{one.resource}{one.verb}{one.subresource}"
        assert one.verb not in {"bind", "escalate", "impersonate", "update", "watch"}
        assert one.resource not in {"roles", "rolebindings", "clusterroles", "clusterrolebindings"}
        assert one.subresource in {"", "log", "proxy"}


def test_the_file_binds_the_role_to_the_account() -> None:
    kinds = {one["kind"]: one for one in yaml.safe_load_all(RBAC.read_text())}
    binding, account = kinds["ClusterRoleBinding"], kinds["ServiceAccount"]
    assert binding["roleRef"]["name"] == kinds["ClusterRole"]["metadata"]["name"]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": account["metadata"]["name"], "namespace": account["metadata"]["namespace"]}
    ]


@pytest.mark.parametrize("kind", IngressKind)
def test_only_the_way_in_of_the_cluster_is_asked_for(kind: IngressKind) -> None:
    settings = ClusterSettings(
        ingress_kind=kind, tls_issuer="letsencrypt", traefik_api_group="traefik.containo.us/v1alpha1"
    )
    needed = {(one.group, one.resource) for one in select_needed(read_permissions(), settings)}
    kept = {way for way, one in WAYS_IN.items() if one is kind}
    if kind is IngressKind.TRAEFIK:
        kept = {("traefik.containo.us", resource) for _group, resource in kept}
    assert kept <= needed and not (set(WAYS_IN) - kept) & needed


@pytest.mark.parametrize("kind", IngressKind)
def test_certificates_are_asked_for_only_where_an_issuer_makes_them(kind: IngressKind) -> None:
    def ask_for(**changes: Any) -> set[tuple[str, str]]:
        settings = ClusterSettings(ingress_kind=kind, **changes)
        return {(one.group, one.resource) for one in select_needed(read_permissions(), settings)}

    listeners, certificates = ("gateway.networking.k8s.io", "listenersets"), (CERTIFICATES, "certificates")
    assert not {listeners, certificates} & ask_for()
    assert (certificates in ask_for(tls_issuer="x")) is (kind is not IngressKind.NONE)
    assert (listeners in ask_for(tls_issuer="x")) is (kind is IngressKind.GATEWAY)
    assert (listeners in ask_for(ingress_tls_secret="x")) is (kind is IngressKind.GATEWAY)


def test_the_proxy_is_asked_for_only_where_pages_are_read_through_it() -> None:
    assert PROXY in select_needed(read_permissions(), ClusterSettings())
    assert PROXY not in select_needed(read_permissions(), ClusterSettings(ingress_address="10.0.0.1"))


def test_a_permission_reads_as_people_write_it() -> None:
    assert str(Permission("", "pods", "get", "log")) == "get pods/log"
    assert str(Permission("apps", "statefulsets", "patch")) == "patch statefulsets.apps"
