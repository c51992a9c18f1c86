"""Small text files that people hand to a command: read whole, in UTF-8, and refused with the reason."""

import sys
from pathlib import Path

from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from domain.strict_yaml import YamlRefused

STANDARD_INPUT = "-"


def read_text_file(path: str, *, limit_bytes: int, standard_input: bool = False) -> str:
    """Return the text of the file at `path`; with `standard_input` the path - is that. Raise CiviparoisseError
    `file_unreadable` with the reason, also for more than `limit_bytes`: a file of another kind."""
    try:
        if standard_input and path == STANDARD_INPUT:
            content = sys.stdin.buffer.read(limit_bytes + 1)
        else:
            with Path(path).open("rb") as stream:
                content = stream.read(limit_bytes + 1)
        if len(content) > limit_bytes:
            raise refuse_file(path, _("larger than %s bytes") % limit_bytes)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse_file(path, _("not in UTF-8")) from error
    except FileNotFoundError as error:
        raise refuse_file(path, _("there is no such file")) from error
    except IsADirectoryError as error:
        raise refuse_file(path, _("it is a directory")) from error
    except PermissionError as error:
        raise refuse_file(path, _("its mode forbids it")) from error
    except OSError as error:
        raise refuse_file(path, error.strerror or type(error).__name__) from error
    except ValueError as error:  # a NUL in the path
        raise refuse_file(path, _("not a path")) from error


def refuse_file(path: str, detail: str) -> CiviparoisseError:
    """Return the error `file_unreadable` that says why the file at `path` is not taken."""
    return CiviparoisseError("file_unreadable", path=path, detail=detail)


def refuse_yaml(path: str, refused: YamlRefused) -> CiviparoisseError:
    """Return the error `file_unreadable` for YAML that is not read, with its line and nothing of its content."""
    if refused.problem == "alias":
        return refuse_file(path, _("it has aliases"))
    if refused.line is None:
        return refuse_file(path, _("not YAML"))
    if refused.problem == "repeated":
        return refuse_file(path, _("a name is given twice near line %s") % refused.line)
    return refuse_file(path, _("line %s is not YAML") % refused.line)
