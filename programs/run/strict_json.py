"""JSON into frozen dataclasses, refusing every other shape: unknown, missing or double keys, wrong types."""

import dataclasses
import json
import types
import typing
from typing import Any


class StrictJsonError(Exception):
    """The text is not JSON or not of the shape asked for; the message says where."""


def parse_json(data: bytes) -> Any:
    """Return the document. Raise StrictJsonError, also for a duplicate key, NaN or Infinity."""
    try:
        return json.loads(data, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise StrictJsonError("not a JSON document") from error


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise StrictJsonError("a key is there twice")
    return document


def _refuse_constant(name: str) -> None:
    raise StrictJsonError(f"{name} is not accepted")


def decode(kind: Any, value: Any, *, where: str) -> Any:
    """Return `value` as the annotated type `kind` (int ≥ 0; X | None; dict, list or dataclass of these, in which only
    what has a default may be missing).

    Raise StrictJsonError naming `where`."""
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else decode(arguments[0], value, where=where)
    if origin is dict and isinstance(value, dict):
        return {name: decode(arguments[1], item, where=f"{where}.{name}") for name, item in value.items()}
    if origin is list and isinstance(value, list):
        return [decode(arguments[0], item, where=f"{where}[{n}]") for n, item in enumerate(value)]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        fields = typing.get_type_hints(kind)
        optional = {one.name for one in dataclasses.fields(kind) if one.default is not dataclasses.MISSING}
        if not set(fields) - optional <= set(value) <= set(fields):
            odd = ", ".join(sorted((set(fields) ^ set(value)) - (optional - set(value)))[:5])
            raise StrictJsonError(f"{where}: missing or unknown: {odd}")
        there = {name: of for name, of in fields.items() if name in value}
        return kind(**{name: decode(of, value[name], where=f"{where}.{name}") for name, of in there.items()})
    if kind is int and type(value) is int and value >= 0:
        return value
    if kind is str and isinstance(value, str):
        return value
    raise StrictJsonError(f"{where} has a wrong value")
