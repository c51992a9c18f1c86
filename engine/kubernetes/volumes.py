"""The sizes of an instance's volumes: what its claims have, and whether they can have more."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.errors import ClusterInvalid
from domain.fleet import VolumeSize
from domain.quantities import format_bytes, parse_bytes
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.observe import check_identifier
from engine.kubernetes.paths import Reference, make_reference
from engine.kubernetes.pods import get_name
from engine.kubernetes.records import read_namespace
from manifests.blueprints import list_blueprints, load_blueprint
from manifests.labels import OURS

CLAIM = "PersistentVolumeClaim"
STORAGE_CLASS = ("storage.k8s.io/v1", "StorageClass")
# A claim's condition: the disk has grown, its file system will once a pod mounts it (kubernetes.io, "Resizing").
WAITS_FOR_MOUNT = "FileSystemResizePending"

Object = Mapping[str, Any]


def observe_volumes(client: ClusterClient, identifier: str) -> dict[str, VolumeSize]:
    """Return the sizes by the plan's field; empty for what is not there, or another manager's. Three calls."""
    check_identifier(identifier)
    record = read_namespace(client, identifier)
    if record is None or not record.is_of(client.guard.manager):
        return {}
    fields = list_size_fields()
    claims = client.list("v1", CLAIM, namespace=identifier, selector=OURS)
    claims_by_field = {fields[get_name(claim)]: claim for claim in claims if get_name(claim) in fields}
    growing = read_growing_classes(client) if claims_by_field else frozenset()
    return {field: make_size(claim, growing) for field, claim in claims_by_field.items()}


def list_size_fields() -> dict[str, str]:
    """Return claim -> the plan's field with its size, of every kind of instance."""
    blueprints = [load_blueprint(name) for name in list_blueprints()]
    return {volume.claim: volume.size for blueprint in blueprints for volume in blueprint.volumes.values()}


def read_growing_classes(client: ClusterClient) -> frozenset[str]:
    """Return the names of the storage classes whose volumes can grow."""
    return frozenset(get_name(class_) for class_ in client.list(*STORAGE_CLASS) if class_.get("allowVolumeExpansion"))


def make_size(claim: Object, growing: frozenset[str]) -> VolumeSize:
    """Return the size of one claim. `growing`: the classes whose volumes can grow. Pure."""
    requested = parse_bytes(claim["spec"]["resources"]["requests"]["storage"])
    status = claim.get("status") or {}
    stated = (status.get("capacity") or {}).get("storage")
    conditions = [condition for condition in status.get("conditions") or () if condition.get("status") == "True"]
    said = "; ".join(f"{met.get('type')}: {met.get('message', '')}".rstrip(": ") for met in conditions)
    return VolumeSize(
        claim=get_name(claim),
        requested_bytes=requested,
        capacity_bytes=parse_bytes(stated) if stated else 0,
        storage_class=claim["spec"].get("storageClassName") or "",
        can_grow=may_grow(claim, growing),
        waits_for_start=any(condition.get("type") == WAITS_FOR_MOUNT for condition in conditions),
        detail=said[:300],
    )


def may_grow(claim: Object, growing: frozenset[str]) -> bool:
    """Return whether the class of a claim lets it have more; one that the cluster has not filled in yet may. Pure."""
    storage_class = claim["spec"].get("storageClassName")
    return storage_class is None or storage_class in growing


def check_growth(
    client: ClusterClient, identifier: str, objects: Iterable[Object], present: Mapping[Reference, Object]
) -> None:
    """Raise CiviparoisseError `volume_cannot_grow` for the first claim that would grow and whose class forbids it. Asks
    for the classes only where one grows."""
    larger = [
        (object_, present[make_reference(object_)])
        for object_ in objects
        if object_["kind"] == CLAIM and make_reference(object_) in present
    ]
    larger = [(wanted, present) for wanted, present in larger if _read_request(wanted) > _read_request(present)]
    if not larger:
        return
    growing = read_growing_classes(client)
    for wanted, there in larger:
        if not may_grow(there, growing):
            raise ClusterInvalid(
                "volume_cannot_grow",
                instance=identifier,
                object=f"persistentvolumeclaims/{get_name(wanted)}",
                claim=get_name(wanted),
                storage_class=there["spec"]["storageClassName"] or "-",
                found=format_bytes(_read_request(there)),
                wanted=format_bytes(_read_request(wanted)),
                reason="it cannot be resized: its storage class does not allow expansion",
            )


def _read_request(claim: Object) -> int:
    return parse_bytes(claim["spec"]["resources"]["requests"]["storage"])
