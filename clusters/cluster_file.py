"""A cluster's parameters in a YAML file, and its secrets in files of their own or on standard input.

Unlike a parish's file this one has lists and mappings: the rare settings.
"""

import sys
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from clusters.parameters import SECRET_FIELDS
from domain.errors import CiviparoisseError

LIMIT_BYTES = 256 * 1024
STANDARD_INPUT = "-"


def read_cluster_file(path: str) -> dict[str, Any]:
    """Return the values by name in the YAML file at `path`. Raise CiviparoisseError `file_unreadable`, also for a
    secret: those come from files of their own."""
    text = read_text_file(path)
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.CSafeLoader)):
            raise _refuse(path, _("it has aliases"))
        document = yaml.load(text, Loader=_UniqueLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        raise _refuse(path, _("line %s is not YAML") % (mark.line + 1 if mark else "?")) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _refuse(path, _("not YAML")) from error
    if document is None:
        return {}
    if not isinstance(document, dict) or not all(isinstance(name, str) for name in document):
        raise _refuse(path, _("not a list of names and values"))
    if secrets := sorted(SECRET_FIELDS & document.keys()):
        raise _refuse(path, _("it holds a secret (%s): give it in a file of its own") % ", ".join(secrets))
    return document


def read_text_file(path: str) -> str:
    """Return the text of the file at `path`; - is standard input. Raise CiviparoisseError `file_unreadable`."""
    try:
        if path == STANDARD_INPUT:
            content = sys.stdin.buffer.read(LIMIT_BYTES + 1)
        else:
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


class _UniqueLoader(yaml.CSafeLoader):
    """Refuses a name that is given twice: one of the two would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        document: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(document) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a name comes twice", node.start_mark)
        return document


def _refuse(path: str, detail: str) -> CiviparoisseError:
    return CiviparoisseError("file_unreadable", path=path, detail=detail)
