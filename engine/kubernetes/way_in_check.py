"""Proves that what leads to the pages is on the cluster: its API, its class or Gateway, its pods, its certificates."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.cluster import ClusterSettings, IngressKind
from domain.findings import Finding, Level
from engine.kubernetes.questions import Ask, find_class, get_document
from manifests.ways_in import has_listener_set, makes_certificates

DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class"
GATEWAY_API = "gateway.networking.k8s.io/v1"
CERTIFICATE_API = "cert-manager.io/v1"


def check_way_in(ask: Ask, settings: ClusterSettings) -> Iterator[Finding]:
    """Yield whether the cluster has what the pages are led to by, of the kind that its settings name."""
    if settings.ingress_kind is IngressKind.NONE:
        yield Finding(code="ingress_none", level=Level.OK)
    elif settings.ingress_kind is IngressKind.TRAEFIK:
        yield _find_resources(ask, settings.traefik_api_group, "ingressroutes", "serverstransports")
    elif settings.ingress_kind is IngressKind.GATEWAY:
        own = ("listenersets",) if has_listener_set(settings) else ()
        yield _find_resources(ask, GATEWAY_API, "httproutes", "backendtlspolicies", *own)
        path = f"/apis/{GATEWAY_API}/namespaces/{settings.gateway_namespace}/gateways/{settings.gateway_name}"
        params = {"name": settings.gateway_name, "namespace": settings.gateway_namespace}
        gateway = get_document(ask, path, "Gateway")
        if not gateway:
            yield Finding(code="gateway_missing", level=Level.CRITICAL, params=params)
        elif own and not _lets_listeners_in(gateway):
            yield Finding(code="gateway_closed", level=Level.CRITICAL, params=params)
        else:
            yield Finding(code="gateway_found", level=Level.OK, params=params)
    else:
        yield _find_ingress_class(ask, settings)


def _lets_listeners_in(gateway: Mapping[str, Any]) -> bool:
    """Return whether listeners of other namespaces may be added to a Gateway. Whose, where it selects by labels, only
    its controller tells; None is the API's default (gateway-api.sigs.k8s.io, ListenerSet)."""
    allowed = (gateway.get("spec") or {}).get("allowedListeners") or {}
    return (allowed.get("namespaces") or {}).get("from") in ("All", "Selector")


def _find_resources(ask: Ask, api: str, *wanted: str) -> Finding:
    """Return whether the API group serves all resources of the names `wanted`."""
    served = {resource["name"] for resource in get_document(ask, f"/apis/{api}", api).get("resources", [])}
    missing = ", ".join(name for name in wanted if name not in served)
    if missing:
        return Finding(code="ingress_not_served", level=Level.CRITICAL, params={"api": api, "missing": missing})
    return Finding(code="ingress_served", level=Level.OK, params={"api": api})


def _find_ingress_class(ask: Ask, settings: ClusterSettings) -> Finding:
    classes = get_document(ask, "/apis/networking.k8s.io/v1/ingressclasses", "IngressClass").get("items", [])
    names = ", ".join(sorted(ingress_class["metadata"]["name"] for ingress_class in classes)) or "-"
    chosen = find_class(classes, settings.ingress_class, DEFAULT_INGRESS_CLASS)
    if chosen is not None:
        return Finding(code="ingress_class_found", level=Level.OK, params={"name": chosen["metadata"]["name"]})
    if settings.ingress_class is None:
        return Finding(code="ingress_default_missing", level=Level.CRITICAL, params={"others": names})
    params = {"name": settings.ingress_class, "others": names}
    return Finding(code="ingress_class_missing", level=Level.CRITICAL, params=params)


def check_issuer(ask: Ask, settings: ClusterSettings) -> Iterator[Finding]:
    """Yield whether cert-manager is there and the issuer of the pages' certificates is ready; nothing without one."""
    if not makes_certificates(settings):
        return
    served = get_document(ask, f"/apis/{CERTIFICATE_API}", CERTIFICATE_API).get("resources", [])
    params = {"name": settings.tls_issuer}
    if "certificates" not in {resource["name"] for resource in served}:
        yield Finding(code="issuer_not_served", level=Level.CRITICAL, params={"api": CERTIFICATE_API})
        return
    issuer = get_document(ask, f"/apis/{CERTIFICATE_API}/clusterissuers/{settings.tls_issuer}", "ClusterIssuer")
    conditions = (issuer.get("status") or {}).get("conditions") or ()
    if not issuer:
        yield Finding(code="issuer_missing", level=Level.CRITICAL, params=params)
    elif not any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions):
        yield Finding(code="issuer_not_ready", level=Level.WARNING, params=params)
    else:
        yield Finding(code="issuer_ready", level=Level.OK, params=params)


def check_controller(ask: Ask, settings: ClusterSettings) -> Iterator[Finding]:
    """Look for the pods that network policies let in; one on its host's network is let in by its address."""
    if settings.ingress_kind is IngressKind.NONE or settings.ingress_cidrs:
        return
    labels = ",".join(f"{key}={value}" for key, value in sorted(settings.ingress_pod_labels.items()))
    path = f"/api/v1/namespaces/{settings.ingress_namespace}/pods"
    if get_document(ask, path, "Pod", labelSelector=labels, limit="1").get("items"):
        yield Finding(code="controller_found", level=Level.OK, params={"namespace": settings.ingress_namespace})
    else:
        params = {"namespace": settings.ingress_namespace, "labels": labels}
        yield Finding(code="controller_missing", level=Level.WARNING, params=params)
