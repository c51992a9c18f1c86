"""deploy/rbac.yaml is the least: each rule is used, and everything that is rendered may be written."""

from pathlib import Path

import pytest
import yaml

from domain.cluster import IngressKind
from engine.kubernetes.permissions import RBAC, WAYS_IN, Permission, read_permissions, select_needed

GOLDEN = Path(__file__).parent.parent.parent / "manifests" / "golden"
WRITTEN = {"get", "list", "create", "patch", "delete"}


def _list_rendered() -> set[tuple[str, str]]:
    """Return (group, resource) of every kind that instances are made of, by the golden files."""
    found = set()
    for path in GOLDEN.glob("*.yaml"):
        for one in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader):
            if isinstance(one, dict) and "apiVersion" in one:
                group = one["apiVersion"].rpartition("/")[0]
                kind = one["kind"].lower()
                plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}es" if kind.endswith("s") else f"{kind}s"
                found.add((group, plural))
    return found


def test_what_is_rendered_may_be_written_and_nothing_else() -> None:
    may = {(one.group, one.resource) for one in read_permissions() if one.verb in {"create", "patch", "delete"}}
    rendered = {
        ("traefik.io", name) if group.startswith("traefik.") else (group, name) for group, name in _list_rendered()
    }
    assert len(rendered) > 15
    # Pods are never written; one that is cancelled or stuck is removed.
    assert may == rendered | {("", "pods")}
    assert {one.verb for one in read_permissions() if one.resource == "pods" and not one.subresource} == {
        "get",
        "list",
        "delete",
    }


@pytest.mark.parametrize("pair", sorted(_list_rendered()))
def test_an_object_of_ours_may_be_written_whole(pair: tuple[str, str]) -> None:
    group = "traefik.io" if pair[0].startswith("traefik.") else pair[0]
    verbs = {one.verb for one in read_permissions() if (one.group, one.resource) == (group, pair[1])}
    assert verbs >= WRITTEN - {"get"}


def test_no_rule_gives_everything() -> None:
    for one in read_permissions():
        assert "*" not in f"{one.group}{one.resource}{one.verb}{one.subresource}"
        assert one.verb not in {"bind", "escalate", "impersonate", "deletecollection", "update", "watch"}
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
    needed = select_needed(read_permissions(), ingress_kind=kind, traefik_group="traefik.containo.us")
    ways = {(one.group, one.resource) for one in needed} & (set(WAYS_IN) | {("traefik.containo.us", "ingressroutes")})
    assert {WAYS_IN.get(way, IngressKind.TRAEFIK) for way in ways} == (
        {kind} if kind is not IngressKind.NONE else set()
    )


def test_a_permission_reads_as_people_write_it() -> None:
    assert str(Permission("", "pods", "get", "log")) == "get pods/log"
    assert str(Permission("apps", "statefulsets", "patch")) == "patch statefulsets.apps"
