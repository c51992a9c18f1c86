"""What the API would refuse to change, found before anything is sent. Pure."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.errors import CiviparoisseError
from domain.quantities import format_bytes, parse_bytes
from engine.kubernetes.paths import Reference, make_reference

# Kind -> fields of its spec that never change (Kubernetes API reference: StatefulSet, PersistentVolumeClaim).
FIELDS = {
    "StatefulSet": ("selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"),
    "PersistentVolumeClaim": ("accessModes", "volumeMode", "storageClassName"),
}
CLAIM = "PersistentVolumeClaim"

Present = Mapping[Reference, Mapping[str, Any]]


def adopt_storage_class(object_: dict[str, Any], present: Present) -> dict[str, Any]:
    """Return a claim with the class that it has already: the cluster's setting is for new volumes. Others unchanged."""
    there = present.get(make_reference(object_))
    if object_["kind"] != CLAIM or there is None or "storageClassName" not in object_["spec"]:
        return object_
    adopted = copy.deepcopy(object_)
    adopted["spec"]["storageClassName"] = there["spec"].get("storageClassName", object_["spec"]["storageClassName"])
    return adopted


def check_immutable(identifier: str, objects: Iterable[Mapping[str, Any]], present: Present) -> None:
    """Raise CiviparoisseError `volume_shrinks` or `field_immutable` for the first change that cannot be."""
    for object_ in objects:
        present_object = present.get(make_reference(object_))
        if present_object is not None:
            _check_size(identifier, object_, present_object)
            for field, wanted, there in _list_changes(object_, present_object):
                raise CiviparoisseError(
                    "field_immutable",
                    instance=identifier,
                    object=f"{object_['kind']}/{object_['metadata']['name']}",
                    field=field,
                    found=str(there),
                    wanted=str(wanted),
                )


def _check_size(identifier: str, object_: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    if object_["kind"] != CLAIM:
        return
    wanted = parse_bytes(object_["spec"]["resources"]["requests"]["storage"])
    has = parse_bytes(present["spec"]["resources"]["requests"]["storage"])
    if wanted < has:
        raise CiviparoisseError(
            "volume_shrinks",
            instance=identifier,
            claim=object_["metadata"]["name"],
            wanted=format_bytes(wanted),
            found=format_bytes(has),
        )


def _list_changes(object_: Mapping[str, Any], present: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield (field, wanted, found); what is not rendered is the server's to say."""
    for name in FIELDS.get(object_["kind"], ()):
        if name in object_["spec"] and object_["spec"][name] != present["spec"].get(name):
            yield f"spec.{name}", object_["spec"][name], present["spec"].get(name)
