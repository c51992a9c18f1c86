"""Labels and annotations of every object of ours, and the selectors that find them. Pure."""

from collections.abc import Mapping
from typing import Any

from manifests.names import fit_name

PREFIX = "civiparoisse.uepal.fr"
MANAGER = "civiparoisse-manager"
PART_OF = "civiparoisse"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
COMPONENT_LABEL = "app.kubernetes.io/component"
INSTANCE_LABEL = f"{PREFIX}/instance"
# Which manager made the namespace, where several share a cluster.
MANAGER_LABEL = f"{PREFIX}/manager"
# Kubernetes' own: what the pods of a namespace may be at most (kubernetes.io, "Pod Security Admission").
POD_SECURITY_LABEL = "pod-security.kubernetes.io/enforce"
JOB_LABEL = f"{PREFIX}/job"
PROGRAM_LABEL = f"{PREFIX}/program"
JOB_NAME_ANNOTATION = f"{PREFIX}/job-name"
CHECKSUM_ANNOTATION = f"{PREFIX}/checksum"
# Every object that we own, in a whole cluster or in one namespace.
OURS = f"{MANAGED_BY_LABEL}={MANAGER}"


def make_labels(identifier: str) -> dict[str, str]:
    """Return the labels that every object of the instance has, its pods included."""
    return {
        "app.kubernetes.io/name": PART_OF,
        "app.kubernetes.io/instance": identifier,
        "app.kubernetes.io/part-of": PART_OF,
        MANAGED_BY_LABEL: MANAGER,
        INSTANCE_LABEL: identifier,
    }


def is_ours(object_: Mapping[str, Any]) -> bool:
    """Return whether the manager made the object. A namespace without our label is never touched."""
    labels = (object_.get("metadata") or {}).get("labels") or {}
    return bool(labels.get(MANAGED_BY_LABEL) == MANAGER)


def make_job_labels(name: str, program: str) -> dict[str, str]:
    """Return the labels that find one run of a program. `name`: of the run, whatever its length."""
    return {JOB_LABEL: fit_name(name), PROGRAM_LABEL: program}


def add_labels(object_: dict[str, Any], labels: Mapping[str, str]) -> None:
    """Add `labels` to an object, to its pod template, and to its Job template; its own stay, selectors too."""
    metadata = object_.setdefault("metadata", {})
    metadata["labels"] = {**labels, **metadata.get("labels", {})}
    spec = object_.get("spec", {})
    for name in ("template", "jobTemplate"):
        if name in spec:
            add_labels(spec[name], labels)
