"""Where objects live in the API: kind to path, without asking the cluster. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

# Kind -> the resource's name in paths and roles (kubernetes.io, API reference; Traefik; Gateway API).
PLURALS = {
    "Namespace": "namespaces",
    "ServiceAccount": "serviceaccounts",
    "ConfigMap": "configmaps",
    "Secret": "secrets",
    "ResourceQuota": "resourcequotas",
    "LimitRange": "limitranges",
    "NetworkPolicy": "networkpolicies",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Service": "services",
    "StatefulSet": "statefulsets",
    "Deployment": "deployments",
    "Job": "jobs",
    "CronJob": "cronjobs",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "Ingress": "ingresses",
    "IngressRoute": "ingressroutes",
    "ServersTransport": "serverstransports",
    "HTTPRoute": "httproutes",
    "BackendTLSPolicy": "backendtlspolicies",
    "ListenerSet": "listenersets",
    "Certificate": "certificates",
    "Pod": "pods",
    "PersistentVolume": "persistentvolumes",
    "Node": "nodes",
    "StorageClass": "storageclasses",
    "CSINode": "csinodes",
}


class Reference(NamedTuple):
    """One object: what it takes to find it again. `namespace`: "" for what has none."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def make_reference(object_: Mapping[str, Any]) -> Reference:
    """Return the reference of an object."""
    metadata = object_["metadata"]
    return Reference(object_["apiVersion"], object_["kind"], metadata.get("namespace", ""), metadata["name"])


def make_collection_path(api_version: str, kind: str, namespace: str = "") -> str:
    """Return the path of all objects of a kind, in one namespace or in all."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    place = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{root}{place}/{PLURALS[kind]}"


def make_path(reference: Reference) -> str:
    """Return the path of one object."""
    place = make_collection_path(reference.api_version, reference.kind, reference.namespace)
    return f"{place}/{quote(reference.name, safe='')}"
