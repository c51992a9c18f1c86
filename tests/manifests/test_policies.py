"""Who may talk to whom: the stored policies evaluated for every pair of pods, as Kubernetes defines them."""

import ipaddress
from typing import Any

import pytest

from domain.cluster import INTERNAL_NETWORKS, ClusterSettings
from manifests.policies import make_dns_peers, make_ingress_peers, make_mail_ports, make_outside_peers
from manifests.workloads import find_pod_template
from tests.builders import make_site
from tests.manifests.cases import (
    DEFAULT,
    IMAP,
    SMTP,
    make_case_objects,
    make_case_spec,
    make_job_objects,
)

Labels = dict[str, str]
CLIENTS = {"httpd", "cron", "backup", "restore", "inspect", "consistency", "figures", "tools"}
NODE_LOCAL_DNS = "169.254.20.10"


def _matches(selector: dict[str, Any], labels: Labels) -> bool:
    wanted = selector.get("matchLabels", {})
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions)
    return wanted.items() <= labels.items() and all(labels.get(one["key"]) in one["values"] for one in expressions)


# The tenant that each namespace of the tests says it is of.
TENANTS = {"saint-paul": "saint-paul", "saint-paul-sandbox": "saint-paul", "saint-jean": "saint-jean"}


def _label_namespace(name: str) -> Labels:
    labels = {"kubernetes.io/metadata.name": name}
    if name in TENANTS:
        labels |= {
            "app.kubernetes.io/managed-by": "civiparoisse-manager",
            "civiparoisse.uepal.fr/tenant": TENANTS[name],
        }
    return labels


def _peer_is_pod(peer: dict[str, Any], labels: Labels, namespace: str, own: str) -> bool:
    if "ipBlock" in peer:
        return False
    if "namespaceSelector" in peer:
        if not _matches(peer["namespaceSelector"], _label_namespace(namespace)):
            return False
    elif namespace != own:
        return False
    return _matches(peer.get("podSelector", {}), labels)


def _peer_is_address(peer: dict[str, Any], address: str) -> bool:
    block = peer.get("ipBlock")
    inside = ipaddress.ip_address(address)
    if block is None or inside not in ipaddress.ip_network(block["cidr"]):
        return False
    return not any(inside in ipaddress.ip_network(cidr) for cidr in block.get("except", ()))


def _allows(objects: list[dict[str, Any]], direction: str, pod: Labels, port: int, **other: Any) -> bool:
    """Return whether a pod with the labels `pod` may have that traffic: a policy that selects it has a rule for it."""
    policies = [one["spec"] for one in objects if one["kind"] == "NetworkPolicy"]
    selecting = [
        one for one in policies if _matches(one["podSelector"], pod) and direction.capitalize() in one["policyTypes"]
    ]
    assert selecting, "a pod that no policy selects may do anything"
    for policy in selecting:
        for rule in policy.get(direction, []):
            peers = rule["to" if direction == "egress" else "from"]
            fits = any(
                _peer_is_address(peer, other["address"])
                if "address" in other
                else _peer_is_pod(peer, other["labels"], other["namespace"], "saint-paul")
                for peer in peers
            )
            if fits and port in {one["port"] for one in rule["ports"]}:
                return True
    return False


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return make_case_objects(DEFAULT)


@pytest.fixture(scope="module")
def pods(objects: list[dict[str, Any]]) -> dict[str, Labels]:
    templates = filter(None, map(find_pod_template, [*objects, *make_job_objects()]))
    found = [template["metadata"]["labels"] for template in templates]
    return {labels["app.kubernetes.io/component"]: labels for labels in found}


def test_only_clients_reach_the_database_and_nothing_else_is_open_inside(
    objects: list[dict[str, Any]], pods: dict[str, Labels]
) -> None:
    jobs = {
        "cron",
        "backup",
        "init",
        "update",
        "verify",
        "restore",
        "discard",
        "inspect",
        "copy",
        "fetch",
        "consistency",
        "figures",
        "send",
        "receive",
        "browse",
        "tools",
    }
    assert set(pods) == {"db", "httpd", *jobs}
    for source, source_labels in pods.items():
        for target, target_labels in pods.items():
            for port in (53, 80, 443, 3306, 33060):
                out = _allows(objects, "egress", source_labels, port, labels=target_labels, namespace="saint-paul")
                into = _allows(objects, "ingress", target_labels, port, labels=source_labels, namespace="saint-paul")
                assert (out and into) is (source in CLIENTS and target == "db" and port == 3306), (source, target, port)


def test_nothing_goes_between_parishes(objects: list[dict[str, Any]], pods: dict[str, Labels]) -> None:
    for source in pods.values():
        for target in pods.values():
            for port in (443, 3306, 8443):
                for direction, here, there in (("egress", source, target), ("ingress", target, source)):
                    assert not _allows(objects, direction, here, port, labels=there, namespace="saint-jean")


def test_a_set_goes_to_an_instance_of_the_same_parish_only(
    objects: list[dict[str, Any]], pods: dict[str, Labels]
) -> None:
    for source in pods:
        for target in pods:
            for namespace in ("saint-paul-sandbox", "saint-jean", "kube-system"):
                out = _allows(objects, "egress", pods[source], 8443, labels=pods[target], namespace=namespace)
                into = _allows(objects, "ingress", pods[target], 8443, labels=pods[source], namespace=namespace)
                wanted = (source, target, namespace) == ("receive", "send", "saint-paul-sandbox")
                assert (out and into) is wanted, (source, target, namespace)


def test_the_page_is_reached_from_the_ingress_controller_only(
    objects: list[dict[str, Any]], pods: dict[str, Labels]
) -> None:
    traefik = {"app.kubernetes.io/name": "traefik"}
    for component, labels in pods.items():
        reached = _allows(objects, "ingress", labels, 443, labels=traefik, namespace="traefik")
        assert reached is (component == "httpd")
    assert not _allows(objects, "ingress", pods["httpd"], 443, labels=traefik, namespace="elsewhere")
    assert not _allows(objects, "ingress", pods["httpd"], 443, labels={}, namespace="traefik")
    assert not _allows(objects, "ingress", pods["httpd"], 443, address="198.51.100.1")


def test_everything_asks_names_and_only_there(objects: list[dict[str, Any]], pods: dict[str, Labels]) -> None:
    dns = {"k8s-app": "kube-dns"}
    for labels in pods.values():
        assert _allows(objects, "egress", labels, 53, labels=dns, namespace="kube-system")
        assert not _allows(objects, "egress", labels, 53, labels=dns, namespace="elsewhere")
        assert not _allows(objects, "egress", labels, 53, address="198.51.100.1")


@pytest.mark.parametrize(
    ("port", "components"), [(443, {"httpd", "cron", "init", "update", "copy", "fetch"}), (587, {"httpd", "cron"})]
)
def test_what_may_leave(
    objects: list[dict[str, Any]], pods: dict[str, Labels], port: int, components: set[str]
) -> None:
    for component, labels in pods.items():
        for address in ("198.51.100.1", "2001:db8::1"):
            assert _allows(objects, "egress", labels, port, address=address) is (component in components)
        for address in ("10.0.0.1", "10.96.0.1", "172.16.1.1", "192.168.1.1", "169.254.169.254", "fd00::1"):
            assert not _allows(objects, "egress", labels, port, address=address)
        assert not _allows(objects, "egress", labels, 25, address="198.51.100.1")


def test_no_mail_leaves_where_mail_is_off(pods: dict[str, Labels]) -> None:
    silent = make_case_objects("mail-off")
    for labels in pods.values():
        for port in (25, 465, 587, 993):
            assert not _allows(silent, "egress", labels, port, address="198.51.100.1")


def test_controllers_and_caches_on_the_host_s_network_have_addresses() -> None:
    cluster = ClusterSettings(ingress_cidrs=("192.0.2.0/24",), dns_cidrs=(f"{NODE_LOCAL_DNS}/32",))
    assert {"ipBlock": {"cidr": "192.0.2.0/24"}} in make_ingress_peers(cluster)
    assert {"ipBlock": {"cidr": f"{NODE_LOCAL_DNS}/32"}} in make_dns_peers(cluster)


def test_exceptions_are_inside_of_what_they_except() -> None:
    peers = make_outside_peers(ClusterSettings())
    excepted = [cidr for peer in peers for cidr in peer["ipBlock"]["except"]]
    assert sorted(excepted) == sorted(INTERNAL_NETWORKS)
    for peer in peers:
        whole = ipaddress.ip_network(peer["ipBlock"]["cidr"])
        assert {ipaddress.ip_network(cidr).version for cidr in peer["ipBlock"]["except"]} == {whole.version}


def test_mail_ports_are_the_parish_s_own() -> None:
    spec = make_case_spec(site=make_site("saint-paul", smtp=SMTP, imap=None))
    assert [one["port"] for one in make_mail_ports(spec)] == [587]
    both = make_case_spec(site=make_site("saint-paul", smtp=IMAP, imap=IMAP))
    assert [one["port"] for one in make_mail_ports(both)] == [993]
