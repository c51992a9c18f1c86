"""Proves that a cluster has what instances need, and says what is missing. Reads only; nothing of it is changed.

Each look is one small question to the API; what cannot be read is a finding too, so that one refusal hides nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.cluster import ClusterSettings
from domain.findings import Finding, Level
from engine.kubernetes.permissions import Permission, select_needed
from engine.kubernetes.pod_security import check_pod_security
from engine.kubernetes.public_certificate_check import check_given_certificate
from engine.kubernetes.questions import Ask, Refused, find_class, get_document
from engine.kubernetes.way_in_check import check_controller, check_issuer, check_way_in

# Native sidecars are on by default from here on (kubernetes.io, "Sidecar Containers").
LEAST_VERSION = (1, 29)
REFUSED = 401
# Missing permissions that a finding names; the role is applied as a whole anyway.
NAMED_PERMISSIONS = 12
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
ZONE = "topology.kubernetes.io/zone"
# DaemonSet of a network plugin -> (its name for people, whether it enforces network policies).
# Their own documentation, November 2026; kindnet enforces them since kind 0.24.
PLUGINS: dict[str, tuple[str, bool]] = {
    "calico-node": ("Calico", True),
    "canal": ("Canal", True),
    "cilium": ("Cilium", True),
    "anetd": ("Cilium (GKE)", True),
    "antrea-agent": ("Antrea", True),
    "kube-router": ("kube-router", True),
    "weave-net": ("Weave Net", True),
    "ovnkube-node": ("OVN-Kubernetes", True),
    "kube-ovn-cni": ("Kube-OVN", True),
    "kindnet": ("kindnet", True),
    "azure-npm": ("Azure NPM", True),
    "kube-flannel-ds": ("flannel", False),
    "kube-flannel": ("flannel", False),
}

EVERYTHING = Permission("*", "*", "*")


def list_findings(ask: Ask, settings: ClusterSettings, permissions: tuple[Permission, ...]) -> tuple[Finding, ...]:
    """Return what was found, in the order in which a person would repair it. `permissions`: of deploy/rbac.yaml.

    Raise CiviparoisseError `engine_unavailable` when the cluster stops answering.
    """
    status, version = ask("GET", "/version", {})
    if status == REFUSED:
        return (Finding(code="api_refused", level=Level.CRITICAL),)
    findings = [Finding(code="api_answers", level=Level.OK), _judge_version(version)]
    needed = select_needed(permissions, settings)
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _check_permissions(ask, needed),
        lambda: _check_storage(ask, settings),
        lambda: check_way_in(ask, settings),
        lambda: check_issuer(ask, settings),
        lambda: check_given_certificate(ask, settings, now=datetime.now(UTC)),
        lambda: check_controller(ask, settings),
        lambda: check_pod_security(ask),
        lambda: _check_metrics(ask),
        lambda: _check_policies(ask),
    )
    for look in looks:
        try:
            findings += look()
        except Refused as refused:
            findings.append(refused.finding)
    return tuple(findings)


def _judge_version(version: Mapping[str, Any]) -> Finding:
    """Return whether the server's version will do. A provider's minor version may read "33+"."""
    shown, least = str(version.get("gitVersion", "?")), ".".join(map(str, LEAST_VERSION))
    params = {"version": shown, "least": least}
    numbers = [re.match(r"[0-9]+", str(version.get(part, ""))) for part in ("major", "minor")]
    if not all(numbers):
        return Finding(code="version_unknown", level=Level.WARNING, params=params)
    if tuple(int(number[0]) for number in numbers if number) < LEAST_VERSION:
        return Finding(code="version_old", level=Level.CRITICAL, params=params)
    return Finding(code="version_supported", level=Level.OK, params={"version": shown})


def _check_permissions(ask: Ask, needed: tuple[Permission, ...]) -> Iterator[Finding]:
    missing = [permission for permission in needed if not _is_allowed(ask, permission)]
    if _is_allowed(ask, EVERYTHING):
        # An administrator's: whoever has the manager then has the cluster.
        yield Finding(code="permissions_too_many", level=Level.WARNING)
    if not missing:
        yield Finding(code="permissions_complete", level=Level.OK, params={"count": len(needed)})
        return
    shown = ", ".join(map(str, missing[:NAMED_PERMISSIONS])) + (", …" if len(missing) > NAMED_PERMISSIONS else "")
    yield Finding(code="permissions_missing", level=Level.CRITICAL, params={"count": len(missing), "missing": shown})


def _is_allowed(ask: Ask, permission: Permission) -> bool:
    attributes = {"verb": permission.verb, "group": permission.group, "resource": permission.resource}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        # Without a namespace: in all of them.
        "spec": {"resourceAttributes": {**attributes, "subresource": permission.subresource}},
    }
    status, answer = ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    if status >= 400:
        raise Refused(status, "SelfSubjectAccessReview")
    return bool((answer.get("status") or {}).get("allowed"))


def _check_storage(ask: Ask, settings: ClusterSettings) -> Iterator[Finding]:
    classes = get_document(ask, "/apis/storage.k8s.io/v1/storageclasses", "StorageClass").get("items", [])
    names = ", ".join(sorted(storage_class["metadata"]["name"] for storage_class in classes)) or "-"
    chosen = find_class(classes, settings.storage_class, DEFAULT_CLASS)
    if chosen is None:
        if settings.storage_class is None:
            yield Finding(code="storage_default_missing", level=Level.CRITICAL, params={"others": names})
        else:
            params = {"name": settings.storage_class, "others": names}
            yield Finding(code="storage_class_missing", level=Level.CRITICAL, params=params)
        return
    # The API's own defaults (kubernetes.io, "Storage Classes").
    policy = str(chosen.get("reclaimPolicy") or "Delete")
    mode = str(chosen.get("volumeBindingMode") or "Immediate")
    params = {"name": chosen["metadata"]["name"], "provisioner": chosen["provisioner"]}
    yield Finding(code="storage_class_found", level=Level.OK, params=params)
    if policy == "Delete":
        yield Finding(code="storage_purges", level=Level.OK, params={"policy": policy})
    else:
        yield Finding(code="storage_retains", level=Level.WARNING, params={"policy": policy})
    expands = bool(chosen.get("allowVolumeExpansion"))
    yield Finding(code="storage_expands" if expands else "storage_fixed", level=Level.OK if expands else Level.WARNING)
    zones = _list_zones(ask) if mode == "Immediate" and len(_list_allowed_zones(chosen)) != 1 else []
    if len(zones) > 1:
        params = {"mode": mode, "zones": ", ".join(zones), "name": chosen["metadata"]["name"]}
        yield Finding(code="storage_binds_apart", level=Level.CRITICAL, params=params)
    else:
        code = "storage_binds_early" if mode == "Immediate" else "storage_binds_late"
        yield Finding(code=code, level=Level.OK, params={"mode": mode})


def _list_zones(ask: Ask) -> list[str]:
    """Return the zones that the nodes are in."""
    nodes = get_document(ask, "/api/v1/nodes", "Node").get("items", [])
    return sorted({str(zone) for node in nodes if (zone := (node["metadata"].get("labels") or {}).get(ZONE))})


def _list_allowed_zones(storage_class: Mapping[str, Any]) -> set[str]:
    """Return the zones that a storage class keeps to; empty where it keeps to none."""
    terms = storage_class.get("allowedTopologies") or ()
    expressions = [expression for term in terms for expression in term.get("matchLabelExpressions") or ()]
    return {zone for expression in expressions if expression["key"].endswith("/zone") for zone in expression["values"]}


def _check_metrics(ask: Ask) -> Iterator[Finding]:
    served = get_document(ask, "/apis/metrics.k8s.io/v1beta1", "metrics.k8s.io").get("resources")
    if served:
        yield Finding(code="metrics_served", level=Level.OK)
    else:
        yield Finding(code="metrics_missing", level=Level.WARNING)


def _check_policies(ask: Ask) -> Iterator[Finding]:
    """Say whether network policies are enforced, by the network plugins whose DaemonSet is there.

    With two (Canal's flannel and Calico, say), one that enforces is enough.
    """
    names = {
        plugin["metadata"]["name"]
        for plugin in get_document(ask, "/apis/apps/v1/daemonsets", "DaemonSet").get("items", [])
    }
    present = [PLUGINS[name] for name in sorted(names & PLUGINS.keys())]
    enforcing = [plugin for plugin, enforces in present if enforces]
    if enforcing:
        yield Finding(code="policies_enforced", level=Level.OK, params={"plugin": enforcing[0]})
    elif present:
        yield Finding(code="policies_ignored", level=Level.WARNING, params={"plugin": present[0][0]})
    else:
        yield Finding(code="policies_unknown", level=Level.WARNING)
