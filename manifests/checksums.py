"""A server restarts when a ConfigMap or a Secret that it reads changes: its pod template carries their hash. Pure."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from manifests.labels import CHECKSUM_ANNOTATION
from manifests.workloads import SERVER_KINDS, find_pod_template, list_containers

Key = tuple[str, str]


def add_checksums(objects: Iterable[dict[str, Any]]) -> None:
    """Annotate the pod template of every server with a hash of what it reads. Jobs read it anew each time."""
    kept = list(objects)
    contents = {(object_["kind"], object_["metadata"]["name"]): _find_content(object_) for object_ in kept}
    for object_ in kept:
        template = find_pod_template(object_)
        if object_["kind"] in SERVER_KINDS and template is not None:
            read = sorted(_list_read(template["spec"], contents))
            digest = hashlib.sha256(json.dumps(read).encode()).hexdigest()
            template["metadata"].setdefault("annotations", {})[CHECKSUM_ANNOTATION] = digest


def _find_content(object_: Mapping[str, Any]) -> Mapping[str, str]:
    content: Mapping[str, str] = object_.get("data") or object_.get("stringData") or {}
    return content


def _list_read(pod_spec: Mapping[str, Any], contents: Mapping[Key, Mapping[str, str]]) -> Iterator[tuple[str, ...]]:
    """Yield (kind, name, key, value) of all that the pod reads; what is not ours cannot be seen and is left out."""
    for kind, name, keys in _list_references(pod_spec):
        for key, value in contents.get((kind, name), {}).items():
            if keys is None or key in keys:
                yield kind, name, key, value


def _list_references(pod_spec: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield (kind, name, keys) of every reference; keys None: all of them."""
    for volume in pod_spec.get("volumes", ()):
        for kind, field, name_field in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")):
            if field in volume:
                items = volume[field].get("items")
                yield kind, volume[field][name_field], {item["key"] for item in items} if items else None
    for container in list_containers(pod_spec):
        for source in container.get("envFrom", ()):
            for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                if field in source:
                    yield kind, source[field]["name"], None
        for variable in container.get("env", ()):
            for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
                reference = variable.get("valueFrom", {}).get(field)
                if reference:
                    yield kind, reference["name"], {reference["key"]}
