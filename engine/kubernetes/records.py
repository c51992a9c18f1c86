"""What the engine remembers of an instance beside the cluster's own state: annotations of its namespace.

`initialised` is written once the initial data was proven (docs/traps.md#half-failed-init), `backup-sets` as backups
and removals end, since sets on a volume cannot be listed through the API: the list is what the programs reported, and
the last full look (program inspect) where there was one. `objects` and `applied` belong to what is applied
(engine.kubernetes.apply).
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ObjectChanged
from engine.kubernetes.paths import Reference
from engine.kubernetes.pods import parse_time
from manifests.labels import MANAGER_LABEL, PREFIX, is_ours

RECORDER = "civiparoisse-records"
INITIALISED = f"{PREFIX}/initialised"
SETS = f"{PREFIX}/backup-sets"
DISCARDED = f"{PREFIX}/discarded-sets"
KEPT = f"{PREFIX}/only-backups-kept"
OBJECTS = f"{PREFIX}/objects"
APPLIED = f"{PREFIX}/applied"
CERTIFICATES = f"{PREFIX}/certificates"
HOST = f"{PREFIX}/host"
TENANT_LABEL = f"{PREFIX}/tenant"
# Annotations of one object hold 256 KiB together; an identifier of a set takes 24 bytes.
MOST_SETS = 1000
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceRecord:
    """A namespace as we read it. `ours`: some manager of our kind made it, `manager` says which (None: it bears no
    mark). `ending`: why it is not gone yet, "" when it is not being deleted; `ending_since`: when that was asked.
    `kept`: a purge was proven that left the backups alone. `objects`: what was applied last, to prune by."""

    name: str
    ours: bool
    resource_version: str
    ending: str = ""
    ending_since: datetime | None = None
    initialised: bool = False
    kept: bool = False
    host: str = ""
    tenant: str = ""
    manager: str | None = None
    sets: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    objects: tuple[Reference, ...] = ()
    applied: str = ""
    certificates: str = "{}"
    expiries: Mapping[str, datetime] = field(default_factory=dict)

    def is_of(self, manager: str) -> bool:
        """Return whether the manager with that mark made it; see engine.kubernetes.ownership."""
        return self.ours and self.manager == manager


def make_namespace_reference(identifier: str) -> Reference:
    """Return the reference of an instance's namespace."""
    return Reference("v1", "Namespace", "", identifier)


def parse_namespace(namespace: Mapping[str, Any]) -> NamespaceRecord:
    """Return what a namespace says of its instance."""
    metadata = namespace["metadata"]
    annotations: Mapping[str, str] = metadata.get("annotations") or {}
    labels: Mapping[str, str] = metadata.get("labels") or {}
    return NamespaceRecord(
        name=metadata["name"],
        ours=is_ours(namespace),
        resource_version=metadata.get("resourceVersion", ""),
        ending=_describe_ending(namespace) if metadata.get("deletionTimestamp") else "",
        ending_since=parse_time(metadata.get("deletionTimestamp")),
        initialised=INITIALISED in annotations,
        kept=KEPT in annotations,
        host=annotations.get(HOST, ""),
        tenant=labels.get(TENANT_LABEL, ""),
        manager=labels.get(MANAGER_LABEL),
        sets=tuple(annotations.get(SETS, "").split()),
        discarded=tuple(annotations.get(DISCARDED, "").split()),
        objects=parse_references(annotations.get(OBJECTS, ""), metadata["name"]),
        applied=annotations.get(APPLIED, ""),
        certificates=annotations.get(CERTIFICATES, "{}"),
        expiries={
            part: datetime.fromisoformat(text) for part, text in json.loads(annotations.get(CERTIFICATES, "{}")).items()
        },
    )


def _describe_ending(namespace: Mapping[str, Any]) -> str:
    conditions = namespace.get("status", {}).get("conditions") or ()
    said = [
        condition["message"]
        for condition in conditions
        if condition.get("status") == "True" and condition.get("message")
    ]
    return "; ".join(said)[:500] or "being deleted"


def format_references(references: tuple[Reference, ...]) -> str:
    """Return references of one namespace as a text for its annotation; order is kept."""
    return " ".join(
        f"{reference.api_version}:{reference.kind}:{reference.name}" for reference in references if reference.namespace
    )


def parse_references(text: str, namespace: str) -> tuple[Reference, ...]:
    """Return the references that `format_references` wrote."""
    parts = (word.split(":") for word in text.split())
    return tuple(Reference(part[0], part[1], namespace, part[2]) for part in parts if len(part) == 3)


def list_missing(record: NamespaceRecord, claims: Collection[str]) -> tuple[str, ...]:
    """Return the claims that were applied and are not among `claims`, those that are there. A purge that is under way,
    or was proven, misses none. Pure."""
    if record.kept or record.ending:
        return ()
    applied = (reference.name for reference in record.objects if reference.kind == "PersistentVolumeClaim")
    return tuple(f"claim {name}" for name in applied if name not in claims)


def read_namespace(client: ClusterClient, identifier: str) -> NamespaceRecord | None:
    """Return the instance's namespace, None when there is none."""
    namespace = client.get(make_namespace_reference(identifier), instance=identifier)
    return None if namespace is None else parse_namespace(namespace)


def update_namespace(
    client: ClusterClient, identifier: str, change: Callable[[NamespaceRecord], Mapping[str, str | None]]
) -> NamespaceRecord | None:
    """Write the annotations that `change` makes of the namespace as it is (None removes one); nothing is written when
    nothing changes. Others may write meanwhile: `change` is then asked again. None: no namespace of ours. Raise
    `namespace_foreign` for another manager's."""
    reference = make_namespace_reference(identifier)
    for attempt in range(TRIES):
        namespace = client.get(reference, instance=identifier)
        if namespace is None or not is_ours(namespace):
            return None
        record = parse_namespace(namespace)
        present = namespace["metadata"].get("annotations") or {}
        wanted = {name: value for name, value in change(record).items() if present.get(name) != value}
        if not wanted:
            return record
        patch = {"metadata": {"annotations": wanted, "resourceVersion": record.resource_version}}
        try:
            return parse_namespace(client.merge(reference, patch, manager=RECORDER, instance=identifier))
        except ObjectChanged:
            if attempt == TRIES - 1:
                raise
    return None


def merge_sets(
    record: NamespaceRecord, *, made: tuple[str, ...] = (), discarded: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (sets, discarded) after what runs reported, whatever the order in which it is learnt: an identifier is
    used once, so what was discarded never comes back."""
    gone = tuple(sorted({*record.discarded, *discarded}))[-MOST_SETS:]
    sets = sorted({*record.sets, *made} - set(gone))
    return tuple(sets[-MOST_SETS:]), gone


def make_sets_change(sets: tuple[str, ...], discarded: tuple[str, ...]) -> dict[str, str | None]:
    """Return the annotations of both lists."""
    return {SETS: " ".join(sets) or None, DISCARDED: " ".join(discarded) or None}
