"""What leads from outside to an instance's page, and the public certificate that is shown there. Pure."""

from typing import Any

from domain.cluster import ClusterSettings, IngressKind
from domain.reservations import Reservation
from domain.specs import InstanceSpec

# Where cert-manager puts a host's certificate, unless the cluster's settings name the Secret.
PAGE_TLS_SECRET = "page-tls"
LISTENER_SET = "ingressproxy"
GATEWAY_GROUP = "gateway.networking.k8s.io"
# What a pod of cert-manager that answers an HTTP-01 challenge asks for and may have at most: its controller's defaults
# (--acme-http01-solver-resource-*, cert-manager 1.20). One host has one challenge, so one pod.
SOLVER_REQUEST = Reservation(10, 64 * 1024**2)
SOLVER_LIMIT = Reservation(100, 64 * 1024**2)


def find_tls_secret(cluster: ClusterSettings) -> str | None:
    """Return the name of the Secret, in each instance's namespace, with the page's public certificate; None where the
    controller shows one of its own."""
    return cluster.ingress_tls_secret or (PAGE_TLS_SECRET if cluster.tls_issuer else None)


def makes_certificates(cluster: ClusterSettings) -> bool:
    """Return whether cert-manager makes a certificate for each host."""
    return bool(cluster.tls_issuer) and cluster.ingress_kind is not IngressKind.NONE


def has_listener_set(cluster: ClusterSettings) -> bool:
    """Return whether each instance has a listener of its own on the Gateway: a route cannot name a certificate, and
    the Gateway itself belongs to whoever runs the cluster."""
    return cluster.ingress_kind is IngressKind.GATEWAY and find_tls_secret(cluster) is not None


def make_way_in(spec: InstanceSpec, cluster: ClusterSettings) -> dict[str, Any]:
    """Return the values of the templates of every kind of way in. `tls_secret`: None without one of the host's own."""

    def fill(text: str) -> str:
        return text.replace("{host}", spec.host).replace("{namespace}", spec.identifier)

    return {
        "class": cluster.ingress_class,
        "annotations": {name: fill(value) for name, value in cluster.ingress_annotations.items()} or None,
        "tls_secret": find_tls_secret(cluster),
        "tls_issuer": cluster.tls_issuer,
        "traefik_api_group": cluster.traefik_api_group,
        "traefik_entry_points": list(cluster.traefik_entry_points),
        "traefik_match": f"Host(`{spec.host}`)",
        "gateway_name": cluster.gateway_name,
        "gateway_namespace": cluster.gateway_namespace,
        "route_parent": _make_route_parent(cluster),
    }


def _make_route_parent(cluster: ClusterSettings) -> dict[str, str]:
    """Return what an HTTPRoute hangs on: the instance's own listener, or the Gateway."""
    if has_listener_set(cluster):
        return {"group": GATEWAY_GROUP, "kind": "ListenerSet", "name": LISTENER_SET}
    parent = {"name": cluster.gateway_name, "namespace": cluster.gateway_namespace}
    return parent | ({"sectionName": cluster.gateway_section} if cluster.gateway_section else {})
