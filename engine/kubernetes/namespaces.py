"""An instance's namespace: taken by one manager, then kept as it should be, on past a field of somebody else's."""

from collections.abc import Mapping
from typing import Any

from domain.errors import CiviparoisseError, ClusterConflict
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ObjectExists
from engine.kubernetes.records import NamespaceRecord, make_namespace_reference, read_namespace
from manifests.labels import MANAGED_BY_LABEL, MANAGER_LABEL, POD_SECURITY_LABEL

Object = dict[str, Any]


def check_namespace(client: ClusterClient, identifier: str, record: NamespaceRecord | None) -> None:
    """Raise when the namespace is somebody else's, or is being deleted."""
    client.refuse_foreign(identifier)
    if record is not None and record.ending:
        raise CiviparoisseError("namespace_ending", instance=identifier)


def take_name(client: ClusterClient, identifier: str, namespace: Object) -> None:
    """Make the namespace with nothing but our mark and its guard against privileged pods: of two managers at the same
    moment one alone succeeds, which applying would not tell. Raise `namespace_foreign` for the other."""
    labels = {
        name: text
        for name, text in namespace["metadata"]["labels"].items()
        if name in (MANAGED_BY_LABEL, MANAGER_LABEL, POD_SECURITY_LABEL)
    }
    bare = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": identifier, "labels": labels}}
    try:
        client.create(bare, make_namespace_reference(identifier), instance=identifier)
    except ObjectExists:
        check_namespace(client, identifier, read_namespace(client, identifier))


def apply_namespace(
    client: ClusterClient, identifier: str, namespace: Object, noted: Mapping[str, str]
) -> tuple[Object, ClusterConflict | None]:
    """Apply the namespace with the annotations `noted`; return it as it is, and the conflict that was met: what
    somebody else has given another value stays as it is, all the rest is applied."""
    metadata, reference = namespace["metadata"], make_namespace_reference(identifier)
    own = metadata.get("annotations") or {}
    whole = {**namespace, "metadata": {**metadata, "annotations": {**own, **noted}}}
    try:
        return client.apply(whole, reference, instance=identifier), None
    except ClusterConflict as conflict:
        there = (client.get(reference, instance=identifier) or {}).get("metadata") or {}
        kept = {name: _select_same(metadata.get(name), there.get(name)) for name in ("labels", "annotations")}
        kept["annotations"] |= noted
        rest = {**namespace, "metadata": {**metadata, **kept}}
        return client.apply(rest, reference, instance=identifier), conflict


def _select_same(wanted: Mapping[str, str] | None, there: Mapping[str, str] | None) -> dict[str, str]:
    """Return what is wanted, without what has another value."""
    return {name: text for name, text in (wanted or {}).items() if (there or {}).get(name, text) == text}
