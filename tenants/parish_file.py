"""A parish's parameters in a file, YAML or JSON: one level of names and values. Passwords come from files only."""

import json
from typing import Any

import yaml
from django.utils.translation import gettext as _

from domain.strict_yaml import YamlRefused, parse_yaml_texts
from tenants.text_files import read_text_file, refuse_file, refuse_yaml

# Some forty lines; a file of another kind is refused before it is read.
LIMIT_BYTES = 16 * 1024


def read_parish_file(path: str) -> dict[str, Any]:
    """Return the values by name in the file at `path`; JSON if its name ends so, else YAML.

    YAML values are texts as written (67000 and 01000 are post codes, not numbers); null and nothing are empty.
    Raise CiviparoisseError `file_unreadable`, with the line at fault but nothing of its content: it may be a password.
    """
    text = _read(path)
    try:
        return _parse_json(path, text) if path.endswith(".json") else _parse_yaml(path, text)
    except RecursionError as error:
        raise refuse_file(path, _("nested too deeply")) from error


def read_password_file(path: str) -> str:
    """Return the only line of the file at `path`, without its end. Raise CiviparoisseError `file_unreadable`."""
    return _read(path).removesuffix("\n").removesuffix("\r")


def _read(path: str) -> str:
    return read_text_file(path, limit_bytes=LIMIT_BYTES)


def _parse_json(path: str, text: str) -> dict[str, Any]:
    def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in pairs:
            _refuse_repeated(path, name, values)
            values[name] = value
        return values

    try:
        document = json.loads(text, object_pairs_hook=make_object)
    except json.JSONDecodeError as error:
        raise refuse_file(path, _("line %s is not JSON") % error.lineno) from error
    except ValueError as error:  # a number of thousands of digits
        raise refuse_file(path, _("it holds a value that cannot be read")) from error
    if not isinstance(document, dict):
        raise refuse_file(path, _("not an object of names and values"))
    return document


def _parse_yaml(path: str, text: str) -> dict[str, Any]:
    try:
        node = parse_yaml_texts(text)
    except YamlRefused as refused:
        raise refuse_yaml(path, refused) from None
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise refuse_file(path, _("not a list of names and values"))
    document: dict[str, Any] = {}
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise refuse_file(path, _("a name and one value are expected on line %s") % (name.start_mark.line + 1))
        _refuse_repeated(path, name.value, document)
        is_null = value.style is None and value.value in {"", "~", "null"}
        document[name.value] = "" if is_null else value.value
    return document


def _refuse_repeated(path: str, name: str, seen: dict[str, Any]) -> None:
    if name in seen:
        raise refuse_file(path, _("%s is given twice") % ascii(name[:40]))
