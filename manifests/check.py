"""What a rendered object must be before anything is sent: the API server says the rest. Pure.

Kept short on purpose: fields by kind at the top, names and their lengths, quantities, and texts where YAML easily
gives something else (`yes`, `1e3`). Strict validation by the API server knows every field.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.quantities import parse_quantity
from manifests.names import (
    CRONJOB_LENGTH,
    LABEL,
    LABEL_KEY,
    LABEL_LENGTH,
    LABEL_VALUE,
    SUBDOMAIN,
    SUBDOMAIN_LENGTH,
)
from manifests.workloads import find_pod_template, list_containers

SPEC_ONLY = frozenset({"spec"})
# Fields beside apiVersion, kind and metadata, by kind (Kubernetes API reference; Traefik; Gateway API).
FIELDS: dict[str, frozenset[str]] = {
    "Namespace": frozenset(),
    "ServiceAccount": frozenset({"automountServiceAccountToken", "imagePullSecrets"}),
    "ConfigMap": frozenset({"data"}),
    "Secret": frozenset({"type", "stringData"}),
} | dict.fromkeys(
    (
        "ResourceQuota LimitRange NetworkPolicy PersistentVolumeClaim Service StatefulSet Deployment Job CronJob"
        " PodDisruptionBudget Ingress IngressRoute ServersTransport HTTPRoute BackendTLSPolicy ListenerSet"
        " Certificate"
    ).split(),
    SPEC_ONLY,
)
NAMESPACED_AS_LABEL = frozenset({"Namespace", "Service", "StatefulSet", "Job"})


def check_object(object_: Mapping[str, Any]) -> str:
    """Return what is wrong first, naming the field but no value of a Secret; empty when nothing is."""
    try:
        return next(_list_faults(object_), "")
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        return f"a part is missing or of another type: {error}"


def _list_faults(object_: Mapping[str, Any]) -> Iterator[str]:
    kind = object_.get("kind")
    if kind not in FIELDS:
        yield f"the kind {kind!r} is not known"
        return
    unknown = sorted(set(object_) - FIELDS[kind] - {"apiVersion", "kind", "metadata"})
    missing = sorted({"apiVersion", "metadata", *(SPEC_ONLY & FIELDS[kind])} - set(object_))
    if unknown or missing:
        yield f"unknown fields: {unknown}; missing fields: {missing}"
        return
    yield from _check_metadata(kind, object_["metadata"])
    for field in ("data", "stringData"):
        yield from _check_texts(field, object_.get(field, {}))
    yield from _check_quantities(kind, object_.get("spec", {}))
    template = find_pod_template(object_)
    if template is not None:
        yield from _check_pod(template)


def _check_metadata(kind: str, metadata: Mapping[str, Any]) -> Iterator[str]:
    name = metadata["name"]
    length = LABEL_LENGTH if kind in NAMESPACED_AS_LABEL else SUBDOMAIN_LENGTH
    length = CRONJOB_LENGTH if kind == "CronJob" else length
    pattern = SUBDOMAIN if length == SUBDOMAIN_LENGTH else LABEL
    if not isinstance(name, str) or len(name) > length or not pattern.fullmatch(name):
        yield f"metadata.name: {name!r} is not a name of at most {length} characters"
    namespace = metadata.get("namespace", "")
    if (kind == "Namespace") == bool(namespace):
        yield "metadata.namespace: missing, or given to a Namespace"
    if namespace and (len(namespace) > LABEL_LENGTH or not LABEL.fullmatch(namespace)):
        yield f"metadata.namespace: {namespace!r} is not a name of at most {LABEL_LENGTH} characters"
    yield from check_labels(metadata)


def check_labels(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the labels and annotations of an object or a template."""
    for key, value in metadata.get("labels", {}).items():
        if not isinstance(key, str) or not LABEL_KEY.fullmatch(key):
            yield f"metadata.labels: {key!r} is not a label"
        if not isinstance(value, str) or len(value) > LABEL_LENGTH or not LABEL_VALUE.fullmatch(value):
            yield f"metadata.labels.{key}: {value!r} is not a label's value of at most {LABEL_LENGTH} characters"
    yield from _check_texts("metadata.annotations", metadata.get("annotations", {}))


def _check_texts(field: str, content: Mapping[Any, Any]) -> Iterator[str]:
    for key, value in content.items():
        if not isinstance(key, str) or not isinstance(value, str):
            yield f"{field}.{key}: not a text; put it between quotes"


def _check_pod(template: Mapping[str, Any]) -> Iterator[str]:
    yield from check_labels(template["metadata"])
    spec = template["spec"]
    names = [container["name"] for container in list_containers(spec)]
    if len(set(names)) != len(names):
        yield f"containers: a name comes twice: {names}"
    volumes = [volume["name"] for volume in spec.get("volumes", ())]
    if len(set(volumes)) != len(volumes):
        yield f"volumes: a name comes twice: {volumes}"
    for container in list_containers(spec):
        name = container["name"]
        mounted = {mount["name"] for mount in container.get("volumeMounts", ())}
        if mounted - set(volumes):
            yield f"{name}.volumeMounts: no such volumes: {sorted(mounted - set(volumes))}"
        for variable in container.get("env", ()):
            if not isinstance(variable.get("value", ""), str):
                yield f"{name}.env.{variable['name']}: not a text; put it between quotes"
        if not container.get("image"):
            yield f"{name}.image: missing"
        for amounts in container.get("resources", {}).values():
            yield from _check_amounts(f"{name}.resources", amounts)


def _check_quantities(kind: str, spec: Mapping[str, Any]) -> Iterator[str]:
    if kind == "ResourceQuota":
        yield from _check_amounts("spec.hard", spec["hard"])
    if kind == "PersistentVolumeClaim":
        yield from _check_amounts("spec.resources.requests", spec["resources"]["requests"])
    if kind == "LimitRange":
        for limit in spec["limits"]:
            for field in ("default", "defaultRequest", "max"):
                yield from _check_amounts(f"spec.limits.{field}", limit.get(field, {}))


def _check_amounts(field: str, amounts: Mapping[str, Any]) -> Iterator[str]:
    for name, amount in amounts.items():
        try:
            parse_quantity(amount)
        except ValueError as error:
            yield f"{field}.{name}: {error}"
