"""Compares instances with what applying them would make, by lists: at most two of a kind, however many instances.

What is rendered waits packed while the lists arrive object by object, so that a thousand instances fit into memory.
"""

import dataclasses
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.cluster import ClusterSettings, TlsBundle
from domain.findings import Drift
from domain.specs import InstanceSpec
from engine.kubernetes.apply import TLS_SECRET
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.immutable import adopt_storage_class
from engine.kubernetes.paths import Reference, make_reference
from engine.kubernetes.records import NamespaceRecord, parse_namespace
from manifests.drift import Difference, list_differences
from manifests.instance import make_instance_objects
from manifests.labels import OURS
from manifests.tls import make_tls_bundle, parse_tls_secret

CLAIM = ("v1", "PersistentVolumeClaim")
SECRET = ("v1", "Secret")
NAMESPACE = ("v1", "Namespace")
TEXT_LENGTH = 200
PRESENT = '"present"'
# What a thousand instances have of any kind, in two pages; they are read object by object, so that a page costs its
# bytes alone.
PAGE = 5000

Object = Mapping[str, Any]
# (API version, kind) -> object -> the rendered object, packed.
Wanted = dict[tuple[str, str], dict[Reference, bytes]]


@dataclasses.dataclass(slots=True)
class _ClusterObjects:
    """What must be known of the namespaces before anything can be rendered."""

    namespaces: dict[str, Object]
    bundles: dict[str, TlsBundle]
    claims: dict[Reference, Object]


def find_drift(
    client: ClusterClient, settings: ClusterSettings, specs: Sequence[InstanceSpec], *, now: datetime
) -> dict[str, tuple[Drift, ...]]:
    """Return by identifier what differs from what `apply` would make; those in order, and those without a namespace of
    ours, are left out. A certificate that is due is no drift."""
    # One instance is looked at in its own namespace, many in one list of the whole cluster.
    namespace = specs[0].identifier if len(specs) == 1 else ""
    drift: dict[str, list[Drift]] = defaultdict(list)
    if specs:
        seen = _read_objects(client, namespace)
        wanted = _render(specs, settings, seen, drift, now=now)
        for kind, objects in wanted.items():
            for reference, differences in _compare(client, kind, objects, seen, namespace):
                owner = reference.namespace or reference.name
                drift[owner] += [_make_drift(reference, difference) for difference in differences]
    return {name: tuple(sorted(drifts, key=_order)) for name, drifts in sorted(drift.items()) if drifts}


def _read_objects(client: ClusterClient, namespace: str) -> _ClusterObjects:
    if namespace:
        there = client.get(Reference(*NAMESPACE, "", namespace), instance=namespace)
        namespaces = [there] if there is not None else []
    else:
        namespaces = list(client.list(*NAMESPACE, selector=OURS, limit=PAGE))
    bundles = {}
    for secret in client.list(*SECRET, namespace=namespace, selector=OURS, limit=PAGE):
        if secret["metadata"]["name"] == TLS_SECRET:
            bundle = parse_tls_secret(secret.get("data") or {})
            if bundle is not None:
                bundles[secret["metadata"]["namespace"]] = bundle
    claims: dict[Reference, Object] = {}
    for claim in client.list(*CLAIM, namespace=namespace, selector=OURS, limit=PAGE):
        metadata = claim["metadata"]
        kept = {name: text for name, text in claim["spec"].items() if name == "storageClassName"}
        claims[Reference(*CLAIM, metadata["namespace"], metadata["name"])] = {"spec": kept}
    for there in namespaces:
        there["metadata"].pop("managedFields", None)
    return _ClusterObjects({namespace["metadata"]["name"]: namespace for namespace in namespaces}, bundles, claims)


def _render(
    specs: Sequence[InstanceSpec],
    settings: ClusterSettings,
    seen: _ClusterObjects,
    drift: dict[str, list[Drift]],
    *,
    now: datetime,
) -> Wanted:
    """Return what should be there; what was applied and should be there no longer goes into `drift`."""
    wanted: Wanted = defaultdict(dict)
    for spec in specs:
        namespace = seen.namespaces.get(spec.identifier)
        record = None if namespace is None else parse_namespace(namespace)
        if record is None or not record.is_of(settings.manager) or record.ending:
            continue
        if not record.initialised:
            spec = dataclasses.replace(spec, components=frozenset())
        tls = seen.bundles.get(spec.identifier) or make_tls_bundle(spec.identifier, spec.host, now=now)
        objects = [
            adopt_storage_class(object_, seen.claims) for object_ in make_instance_objects(spec, settings, tls=tls)
        ]
        references = [make_reference(object_) for object_ in objects]
        for reference, object_ in zip(references, objects, strict=True):
            wanted[reference.api_version, reference.kind][reference] = _pack(object_)
        drift[spec.identifier] += _list_stale(record, references)
    return wanted


def _list_stale(record: NamespaceRecord, references: Sequence[Reference]) -> Iterator[Drift]:
    for reference in record.objects:
        if reference not in references:
            yield Drift(object=str(reference), found=PRESENT)


def _compare(
    client: ClusterClient,
    kind: tuple[str, str],
    objects: Mapping[Reference, bytes],
    seen: _ClusterObjects,
    namespace: str,
) -> Iterator[tuple[Reference, list[Difference]]]:
    """Yield the differences of every wanted object of one kind."""
    missing = dict(objects)
    for object_ in _list_found(client, kind, seen, namespace):
        reference = Reference(*kind, object_["metadata"].get("namespace", ""), object_["metadata"]["name"])
        packed = missing.pop(reference, None)
        if packed is not None:
            yield reference, list_differences(_unpack(packed), object_)
    for reference, packed in missing.items():
        yield reference, list_differences(_unpack(packed), None)


def _pack(object_: Object) -> bytes:
    return zlib.compress(json.dumps(object_).encode(), 1)


def _unpack(packed: bytes) -> dict[str, Any]:
    object_: dict[str, Any] = json.loads(zlib.decompress(packed))
    return object_


def _list_found(
    client: ClusterClient, kind: tuple[str, str], seen: _ClusterObjects, namespace: str
) -> Iterator[Object]:
    if kind == NAMESPACE:
        objects: Iterable[Object] = seen.namespaces.values()
    else:
        objects = client.list(*kind, namespace=namespace, selector=OURS, limit=PAGE)
    # A list says of what kind it is, and its items do not say it again.
    for object_ in objects:
        yield {"apiVersion": kind[0], "kind": kind[1], **object_}


def _make_drift(reference: Reference, difference: Difference) -> Drift:
    name = str(reference)
    path = "" if difference.path == name else difference.path
    return Drift(object=name, path=path, wanted=_show(difference.wanted), found=_show(difference.found))


def _show(value: Any) -> str | None:
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"


def _order(drift: Drift) -> tuple[str, str]:
    return drift.object, drift.path
