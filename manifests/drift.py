"""Differences between an object as we render it and as the server returned it, on the fields we render. Pure.

What the server adds (defaults, status, other managers' fields) is no difference. Lists whose entries have a name of
their own are compared by it, as server-side apply merges them; any other list is ours as a whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.quantities import parse_quantity

# Field that names an entry, by the list's own field (the API's merge keys).
LIST_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "imagePullSecrets": "name",
}
QUANTITIES = frozenset({"requests", "limits", "hard", "max", "default", "defaultRequest"})
QUANTITY_FIELDS = frozenset({"sizeLimit"})
SECRET = "***"


@dataclass(frozen=True, slots=True)
class Difference:
    """`path`: of the field, e.g. spec.template.spec.containers[db].image. `wanted`, `found`: None when it is absent;
    a Secret's values show as ***."""

    path: str
    wanted: Any = field(default=None)
    found: Any = field(default=None)


def list_differences(wanted: Mapping[str, Any], present: Mapping[str, Any] | None) -> list[Difference]:
    """Return the differences of one object. `present`: None when it does not exist, which is one difference."""
    name = f"{wanted['kind']}/{wanted['metadata']['name']}"
    if present is None:
        return [Difference(name, wanted="present")]
    differences = list(_compare("", wanted, present))
    if wanted["kind"] == "Secret":
        return [
            Difference(difference.path, SECRET, None if difference.found is None else SECRET)
            if difference.path.startswith("data")
            else difference
            for difference in differences
        ]
    return differences


def _compare(path: str, wanted: Any, present: Any) -> Iterator[Difference]:
    if wanted == present:
        return
    field_name = path.rpartition(".")[2]
    if isinstance(wanted, Mapping) and isinstance(present, Mapping):
        if field_name in QUANTITIES and all(isinstance(value, str | int) for value in wanted.values()):
            yield from _compare_quantities(path, wanted, present)
            return
        for key, value in wanted.items():
            yield from _compare(f"{path}.{key}" if path else str(key), value, present.get(key))
    elif isinstance(wanted, list) and isinstance(present, list):
        yield from _compare_lists(path, wanted, present, LIST_KEYS.get(field_name))
    elif field_name in QUANTITY_FIELDS:
        yield from _compare_quantities(path, {"": wanted}, {"": present})
    elif wanted != present and not _is_nothing(wanted, present):
        yield Difference(path, wanted, present)


def _compare_lists(path: str, wanted: list[Any], present: list[Any], key: str | None) -> Iterator[Difference]:
    if key is None:
        if len(wanted) != len(present):
            yield Difference(path, wanted, present)
            return
        for index, (value, other) in enumerate(zip(wanted, present, strict=True)):
            yield from _compare(f"{path}[{index}]", value, other)
        return
    there = {entry.get(key): entry for entry in present}
    for entry in wanted:
        place = f"{path}[{entry[key]}]"
        if entry[key] not in there:
            yield Difference(place, wanted=entry)
        else:
            yield from _compare(place, entry, there[entry[key]])


def _compare_quantities(path: str, wanted: Mapping[str, Any], present: Mapping[str, Any]) -> Iterator[Difference]:
    for key, value in wanted.items():
        other = present.get(key)
        if other is None or parse_quantity(value) != parse_quantity(other):
            yield Difference(f"{path}.{key}" if key else path, value, other)


def _is_nothing(wanted: Any, present: Any) -> bool:
    """Return whether both are nothing: the server leaves out what is empty, false or zero and says so by default."""
    return present is None and (wanted in ({}, [], "", False) or (wanted == 0 and isinstance(wanted, int)))
