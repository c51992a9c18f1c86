"""Who may talk to whom, as the peers and ports of network policies. Pure."""

import ipaddress
from typing import Any

from domain.cluster import ClusterSettings
from domain.specs import InstanceSpec

NAMESPACE_NAME = "kubernetes.io/metadata.name"
EVERYWHERE = ("0.0.0.0/0", "::/0")


def make_ingress_peers(cluster: ClusterSettings) -> list[dict[str, Any]]:
    """Return what may reach the page: the controller's pods, and the networks of one that uses its host's."""
    controller = _make_pod_peer(cluster.ingress_namespace, dict(cluster.ingress_pod_labels))
    return [controller, *_make_blocks(cluster.ingress_cidrs)]


def make_dns_peers(cluster: ClusterSettings) -> list[dict[str, Any]]:
    """Return what answers names: the cluster's DNS, and the cache of the node where there is one."""
    return [_make_pod_peer(cluster.dns_namespace, dict(cluster.dns_pod_labels)), *_make_blocks(cluster.dns_cidrs)]


def make_outside_peers(cluster: ClusterSettings) -> list[dict[str, Any]]:
    """Return every network but the internal ones; an instance never reaches another one, the nodes, or the API."""
    peers = []
    for everywhere in EVERYWHERE:
        whole = ipaddress.ip_network(everywhere)
        inside = [cidr for cidr in cluster.internal_cidrs if ipaddress.ip_network(cidr).version == whole.version]
        peers.append({"ipBlock": {"cidr": everywhere, **({"except": inside} if inside else {})}})
    return peers


def make_mail_ports(spec: InstanceSpec) -> list[dict[str, Any]]:
    """Return the ports of the parish's mail servers."""
    servers = [server for server in (spec.site.smtp, spec.site.imap) if server is not None]
    return [{"protocol": "TCP", "port": port} for port in sorted({server.port for server in servers})]


def _make_pod_peer(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    """Return the peer of some pods of one namespace; both selectors in one peer mean both at once."""
    return {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: namespace}},
        "podSelector": {"matchLabels": labels},
    }


def _make_blocks(cidrs: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]
