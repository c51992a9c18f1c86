"""What differs on the cluster from what an apply would make, for any number of instances by one list of each kind."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.cluster import ClusterSettings
from domain.findings import Drift
from domain.specs import InstanceSpec
from engine.kubernetes.apply import TLS_SECRET
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.immutable import adopt_storage_class
from engine.kubernetes.paths import Reference, make_reference
from engine.kubernetes.records import NamespaceRecord, make_namespace_reference, parse_namespace
from engine.kubernetes.runs import NAME as RUNS
from manifests.drift import list_differences
from manifests.instance import make_instance_objects
from manifests.labels import OURS
from manifests.tls import make_tls_bundle, parse_tls_secret, renew_tls_bundle

TEXT_LENGTH = 200
PRESENT = '"present"'

Present = Mapping[Reference, Mapping[str, Any]]


def list_drift(
    client: ClusterClient, specs: Sequence[InstanceSpec], settings: ClusterSettings, *, now: datetime
) -> dict[str, tuple[Drift, ...]]:
    """Return the differences of each instance that has some; see Engine.list_drift."""
    if not specs:
        return {}
    rendered = {spec.identifier: _render(spec, settings, now=now) for spec in specs[:1]}
    kinds = {(one["apiVersion"], one["kind"]) for objects in rendered.values() for one in objects}
    present: dict[str, dict[Reference, Mapping[str, Any]]] = {}
    for api_version, kind in sorted(kinds):
        for one in client.list(api_version, kind, selector=OURS, limit=1000, any_version=True):
            metadata = one["metadata"]
            reference = Reference(api_version, kind, metadata.get("namespace", ""), metadata["name"])
            present.setdefault(reference.namespace or reference.name, {})[reference] = one
    found = {
        spec.identifier: tuple(compare_instance(spec, settings, present.get(spec.identifier, {}), now=now))
        for spec in specs
    }
    return {identifier: differences for identifier, differences in found.items() if differences}


def compare_instance(
    spec: InstanceSpec, settings: ClusterSettings, present: Present, *, now: datetime
) -> Iterator[Drift]:
    """Yield the differences of one instance. `present`: the objects of its namespace, and the namespace."""
    namespace = present.get(make_namespace_reference(spec.identifier))
    if namespace is None:
        yield Drift(object=f"Namespace/{spec.identifier}", wanted=PRESENT)
        return
    record = parse_namespace(namespace)
    secret = present.get(Reference("v1", "Secret", spec.identifier, TLS_SECRET))
    wanted = _render(spec, settings, now=now, record=record, secret=secret)
    references = set()
    for object_ in wanted:
        reference = make_reference(object_)
        references.add(reference)
        for one in list_differences(adopt_storage_class(object_, present), present.get(reference)):
            whole = one.path == str(reference)
            yield Drift(
                object=str(reference),
                path="" if whole else one.path,
                wanted=PRESENT if whole else _format(one.wanted),
                found=_format(one.found),
            )
    for reference in sorted(set(present) - references):
        if reference.name != RUNS:
            yield Drift(object=str(reference), found=PRESENT)


def _render(
    spec: InstanceSpec,
    settings: ClusterSettings,
    *,
    now: datetime,
    record: NamespaceRecord | None = None,
    secret: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return what an apply would send: the certificates that are there, renewed where they are due."""
    bundle = parse_tls_secret((secret or {}).get("data") or {})
    if bundle is None:
        bundle = make_tls_bundle(spec.identifier, spec.host, now=now)
    else:
        bundle = renew_tls_bundle(bundle, spec.identifier, spec.host, now=now)
    if record is None or not record.initialised:
        spec = dataclasses.replace(spec, components=frozenset())
    return make_instance_objects(spec, settings, tls=bundle)


def _format(value: object) -> str | None:
    """Return a value as a short JSON text."""
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"
