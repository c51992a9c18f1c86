"""Templates: YAML with holes. Every hole is a whole value, and every name in it must be known.

A hole is `{{ name.name }}` at the end of a line, after a key or a dash; there are no conditions and no loops: parts
that are optional are files of their own. A value of None removes its key. A file is read once; an instance's objects
are that tree with its holes filled.
"""

import functools
import math
import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from domain.errors import CiviparoisseError
from domain.strict_yaml import StrictLoader
from manifests.check import check_object

HOLE = re.compile(r"( *(?:- |)(?:[\w./\"-]+: |))\{\{ ([a-z_]+(?:\.[a-z_0-9]+)*) \}\}")
TAG = "!hole"
SURROGATE = re.compile("[\ud800-\udfff]")

Context = Mapping[str, Any]
# Keys and positions that lead from an object's root to one value.
Way = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that comes from the context. `names`: the way to it, from the context's own names."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """One file, read. `tree`: the object without what fills its holes, pickled: the quickest way to a new one.
    `holes`: where each is, and what fills it. `names`: the first words of what fills them."""

    tree: bytes
    holes: tuple[tuple[Way, Hole], ...]
    names: frozenset[str]


class _Unfillable(Exception):
    """A hole has no value, or one that is not JSON; the text quotes no value."""


class _Loader(StrictLoader):
    """YAML in which a hole is a value of its own kind."""


_Loader.add_constructor(TAG, lambda _loader, node: Hole(tuple(node.value.split("."))))


def render_template(path: Path, context: Context) -> dict[str, Any]:
    """Return the object that the template at `path` makes of `context`, checked (manifests.check).

    Raise CiviparoisseError `template_invalid` naming the file and what is wrong; never a value.
    """
    template = load_template(path)
    try:
        object_ = _fill(template, context)
    except _Unfillable as error:
        raise make_template_error(path, str(error)) from None
    fault = check_object(object_)
    if fault:
        raise make_template_error(path, fault)
    return object_


def make_template_error(path: Path, reason: str) -> CiviparoisseError:
    """Return the error of one template, named by its place in the blueprint."""
    return CiviparoisseError("template_invalid", template="/".join(path.parts[-3:]), reason=reason)


@functools.cache
def load_template(path: Path) -> Template:
    """Return a template. Raise CiviparoisseError `template_invalid`."""
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise make_template_error(path, f"cannot be read: {error.strerror}") from None
    lines, names = [], []
    for number, line in enumerate(source.splitlines(), start=1):
        hole = HOLE.fullmatch(line)
        if hole is None and ("{{" in line or "{%" in line or "{#" in line):
            raise make_template_error(path, f"line {number}: a hole is a whole value: key: {{{{ name }}}}")
        lines.append(line if hole is None else f"{hole[1]}{TAG} {hole[2]}")
        names += [] if hole is None else [hole[2]]
    try:
        documents = list(yaml.load_all("\n".join(lines) + "\n", Loader=_Loader))
    except (ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark else ""
        raise make_template_error(path, f"{getattr(error, 'problem', None) or 'it cannot be read'}{place}") from None
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise make_template_error(path, f"{len(documents)} objects; one object in one file")
    tree = _without_nothing(documents[0])
    holes = tuple(_list_holes(tree))
    if len(holes) != len(names):
        raise make_template_error(path, "a hole is a whole value: one stands within a text")
    for way, _hole in holes:
        _put(tree, way, None)
    return Template(pickle.dumps(tree), holes, frozenset(name.partition(".")[0] for name in names))


def _without_nothing(tree: Any) -> Any:
    """Return the tree without the keys whose value is None, at any depth."""
    if isinstance(tree, dict):
        return {key: _without_nothing(content) for key, content in tree.items() if content is not None}
    if isinstance(tree, list):
        return [_without_nothing(content) for content in tree]
    return tree


def _list_holes(tree: Any, way: Way = ()) -> Iterator[tuple[Way, Hole]]:
    if isinstance(tree, Hole):
        yield way, tree
    elif isinstance(tree, dict | list):
        for key, content in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _list_holes(content, (*way, key))


def _fill(template: Template, context: Context) -> dict[str, Any]:
    """Return a new object with its holes filled, without the keys whose value is None. Raise _Unfillable."""
    object_: dict[str, Any] = pickle.loads(template.tree)
    for way, hole in template.holes:
        value = make_plain(_find_value(hole, context))
        place = _put(object_, way, value)
        if value is None and isinstance(place, dict):
            del place[way[-1]]
    return object_


def _put(tree: Any, way: Way, value: Any) -> Any:
    """Write a value where `way` leads; return the dict or list that holds it."""
    for key in way[:-1]:
        tree = tree[key]
    tree[way[-1]] = value
    return tree


def _find_value(hole: Hole, context: Context) -> Any:
    """Return the value that a hole names. Names are keys, also where they are called like a method."""
    value: Any = context
    for name in hole.names:
        if not isinstance(value, Mapping) or name not in value:
            raise _Unfillable(f"{'.'.join(hole.names)} is not known: there is no {name}")
        value = value[name]
    return value


def make_plain(value: Any) -> Any:
    """Return a value as the JSON that the API takes: plain and new, without the keys whose value is None. Raise
    _Unfillable for what JSON does not have."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if type(value) is str and value.isascii() else _make_text(value)
    if isinstance(value, dict):
        return {_make_text(key): make_plain(content) for key, content in value.items() if content is not None}
    if isinstance(value, list | tuple):
        return [make_plain(content) for content in value]
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return make_plain(dict(value))
    raise _Unfillable("a value is not JSON")


def _make_text(value: Any) -> str:
    """Return a text without a type of its own. Raise _Unfillable for what no API takes."""
    if not isinstance(value, str) or (not value.isascii() and SURROGATE.search(value)):
        raise _Unfillable("a value is not JSON")
    return str(value)
