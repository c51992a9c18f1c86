"""What the manager's account may do on a cluster: read from deploy/rbac.yaml, the only place that says it."""

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml

from domain.cluster import ClusterSettings, IngressKind
from manifests.ways_in import has_listener_set, makes_certificates

# The wheel carries it inside this package (pyproject.toml), a checkout in deploy/.
_INSIDE = Path(__file__).resolve().parent / "rbac.yaml"
RBAC = _INSIDE if _INSIDE.is_file() else Path(__file__).resolve().parents[2] / "deploy" / "rbac.yaml"
# (group, resource) that only one way in needs.
WAYS_IN: dict[tuple[str, str], IngressKind] = {
    ("traefik.io", "ingressroutes"): IngressKind.TRAEFIK,
    ("traefik.io", "serverstransports"): IngressKind.TRAEFIK,
    ("networking.k8s.io", "ingresses"): IngressKind.INGRESS,
    ("networking.k8s.io", "ingressclasses"): IngressKind.INGRESS,
    ("gateway.networking.k8s.io", "httproutes"): IngressKind.GATEWAY,
    ("gateway.networking.k8s.io", "backendtlspolicies"): IngressKind.GATEWAY,
    ("gateway.networking.k8s.io", "gateways"): IngressKind.GATEWAY,
    ("gateway.networking.k8s.io", "listenersets"): IngressKind.GATEWAY,
}
# Of cert-manager: only where the cluster's settings name an issuer.
CERTIFICATES = "cert-manager.io"


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One verb on one resource. `group`: "" for the core API. `subresource`: "" for the resource itself."""

    group: str
    resource: str
    verb: str
    subresource: str = ""

    def __str__(self) -> str:
        name = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        return f"{self.verb} {name}.{self.group}" if self.group else f"{self.verb} {name}"


PROXY = Permission("", "services", "get", "proxy")


@functools.lru_cache
def read_permissions(path: Path = RBAC) -> tuple[Permission, ...]:
    """Return every permission of the ClusterRole in the file at `path`, sorted."""
    roles = [role for role in yaml.safe_load_all(path.read_text()) if role["kind"] == "ClusterRole"]
    permissions = set()
    for rule in (rule for role in roles for rule in role["rules"]):
        for group in rule["apiGroups"]:
            for name in rule["resources"]:
                resource, _slash, subresource = name.partition("/")
                permissions |= {Permission(group, resource, verb, subresource) for verb in rule["verbs"]}
    return tuple(sorted(permissions))


def select_needed(permissions: tuple[Permission, ...], settings: ClusterSettings) -> tuple[Permission, ...]:
    """Return those that a cluster with these settings needs: its own way in, with its own group of Traefik's API,
    listeners and certificates only where each host has its own, and the proxy to Services only where pages are read
    through it."""
    needed = []
    for permission in permissions:
        way = WAYS_IN.get((permission.group, permission.resource))
        if (way is not None and way is not settings.ingress_kind) or (settings.ingress_address and permission == PROXY):
            continue
        if permission.resource == "listenersets" and not has_listener_set(settings):
            continue
        if permission.group == CERTIFICATES and not makes_certificates(settings):
            continue
        group = settings.traefik_api_group.partition("/")[0] if way is IngressKind.TRAEFIK else permission.group
        needed.append(Permission(group, permission.resource, permission.verb, permission.subresource))
    return tuple(needed)
