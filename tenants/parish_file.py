"""A parish's parameters in a file, YAML or JSON: one level of names and values. Passwords come from files only."""

import json
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError

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
        raise _refuse(path, _("nested too deeply")) from error


def read_password_file(path: str) -> str:
    """Return the only line of the file at `path`, without its end. Raise CiviparoisseError `file_unreadable`."""
    return _read(path).removesuffix("\n").removesuffix("\r")


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(LIMIT_BYTES + 1)
        if len(content) > LIMIT_BYTES:
            raise _refuse(path, _("larger than %s bytes") % LIMIT_BYTES)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refuse(path, _("not in UTF-8")) from error
    except FileNotFoundError as error:
        raise _refuse(path, _("there is no such file")) from error
    except IsADirectoryError as error:
        raise _refuse(path, _("it is a directory")) from error
    except PermissionError as error:
        raise _refuse(path, _("its mode forbids it")) from error
    except OSError as error:
        raise _refuse(path, error.strerror or type(error).__name__) from error
    except ValueError as error:  # a NUL in the path
        raise _refuse(path, _("not a path")) from error


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
        raise _refuse(path, _("line %s is not JSON") % error.lineno) from error
    except ValueError as error:  # a number of thousands of digits
        raise _refuse(path, _("it holds a value that cannot be read")) from error
    if not isinstance(document, dict):
        raise _refuse(path, _("not an object of names and values"))
    return document


def _parse_yaml(path: str, text: str) -> dict[str, Any]:
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        # Where the faulty value begins; where it was noticed can be the end of the file.
        mark = error.context_mark or error.problem_mark
        raise _refuse(path, _("line %s is not YAML") % (mark.line + 1 if mark else "?")) from error
    except yaml.YAMLError as error:
        raise _refuse(path, _("not YAML")) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise _refuse(path, _("not a list of names and values"))
    document: dict[str, Any] = {}
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise _refuse(path, _("a name and one value are expected on line %s") % (name.start_mark.line + 1))
        _refuse_repeated(path, name.value, document)
        is_null = value.style is None and value.value in {"", "~", "null"}
        document[name.value] = "" if is_null else value.value
    return document


def _refuse_repeated(path: str, name: str, seen: dict[str, Any]) -> None:
    if name in seen:
        raise _refuse(path, _("%s is given twice") % ascii(name[:40]))


def _refuse(path: str, detail: str) -> CiviparoisseError:
    return CiviparoisseError("file_unreadable", path=path, detail=detail)
