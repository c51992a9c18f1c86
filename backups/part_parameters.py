"""A restore of less than a database or a tree: one table, one file or directory. What it accepts, what it says."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backups.choices import BackupScope
from backups.data_parts import get_data, list_tree_names
from domain.errors import InvalidValue
from operations.declared_parameters import Parameter, ParameterType
from programs.archive.one_entry import clean_path
from programs.run.failures import ProgramError
from tenants.models import Instance

PART_PARAMETERS = (
    Parameter(
        name="table",
        length=64,
        summary=gettext_noop("Only this table of `database`."),
        label=gettext_lazy("Only this table"),
        help=gettext_lazy("Name the database too. Its other tables stay as they are."),
    ),
    Parameter(
        name="table_as",
        length=64,
        summary=gettext_noop("Put the table beside the live one, under this new name."),
        label=gettext_lazy("Beside it, under the name"),
        help=gettext_lazy("Nothing is replaced then: rows can be compared, and taken over by hand."),
    ),
    Parameter(
        name="tree",
        type=ParameterType.CHOICE,
        summary=gettext_noop("The tree of files that `path` is in."),
        choices=tuple((name, name) for name in list_tree_names()),
        none_label=gettext_lazy("all that are restored"),
        label=gettext_lazy("Of the files"),
    ),
    Parameter(
        name="path",
        length=1000,
        summary=gettext_noop("Only this file or directory of `tree`."),
        label=gettext_lazy("Only this file or directory"),
        help=gettext_lazy("As the list of the backup's files shows it, as default/files/photo.jpg."),
    ),
    Parameter(
        name="accept_broken",
        type=ParameterType.FLAG,
        summary=gettext_noop("Go on although rows would name rows that are not there, or columns differ."),
        label=gettext_lazy("Replace the table even if that breaks links between rows"),
        help=gettext_lazy("Without this the operation counts such rows first and, if there are any, changes nothing."),
    ),
)
NAMES = tuple(parameter.name for parameter in PART_PARAMETERS)
# Parameter -> what programs/restore_part.py calls it.
VARIABLES = {"table": "RESTORE_TABLE", "table_as": "RESTORE_AS", "tree": "RESTORE_TREE", "path": "RESTORE_PATH"}


def read_part(instance: Instance, parameters: Mapping[str, Any], *, is_clone: bool) -> dict[str, Any]:
    """Return those of the parameters that name a part; empty for a restore of whole databases and trees. Raise
    InvalidValue."""
    part = {name: parameters[name] for name in NAMES if parameters.get(name)}
    if not part:
        return {}
    field, reason = _find_fault(part, parameters, is_clone=is_clone)
    if reason:
        raise InvalidValue(field=field, reason=reason)
    if "tree" in part and part["tree"] not in get_data(instance).trees:
        raise InvalidValue(
            field="tree", reason=_("%(instance)s has no such files.") % {"instance": instance.identifier}
        )
    return part


def _find_fault(part: Mapping[str, Any], parameters: Mapping[str, Any], *, is_clone: bool) -> tuple[str, str]:
    if is_clone:
        return next(iter(part)), _("a part is only put back into the instance that it was taken of.")
    if "table" in part and "path" in part:
        return "path", _("give either %(one)s or %(other)s.") % {"one": "table", "other": "path"}
    if "table" in part and not parameters.get("database"):
        return "database", _("name the database of the table.")
    if "table" not in part and ("table_as" in part or "accept_broken" in part):
        return "table", _("name the table.")
    name = part.get("table_as", "")
    if name and not (name.isascii() and name.replace("_", "").isalnum() and len(name) <= 64):
        return "table_as", _("give a name of letters, digits and _.")
    if len(part.get("table", "")) > 64 or set(part.get("table", "")) & set("/\\\0"):
        return "table", _("this is no name of a table.")
    if ("path" in part) != ("tree" in part):
        return ("tree", _("name the files that the path is in.")) if "path" in part else ("path", _("name one."))
    return _find_fault_of_path(part)


def _find_fault_of_path(part: Mapping[str, Any]) -> tuple[str, str]:
    if "path" in part:
        try:
            clean_path(part["path"])
        except ProgramError:
            return "path", _("give a path below these files, without . and .. in it.")
    return "", ""


def get_part_scope(part: Mapping[str, Any]) -> str | None:
    """Return the scope that a part belongs to; None without one."""
    if "table" in part:
        return BackupScope.DATABASE.value
    return BackupScope.FILES.value if "path" in part else None


def make_part_environment(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables by which the program is told of the part; empty without one."""
    told = {variable: str(parameters[name]) for name, variable in VARIABLES.items() if parameters.get(name)}
    return {**told, "ACCEPT_BROKEN": "1"} if parameters.get("accept_broken") else told


def describe_part(instance: Instance, part: Mapping[str, Any], *, database: str, time: str) -> list[str]:
    """Return what becomes of the part, in sentences."""
    names = {"instance": instance.identifier, "database": database, "time": time, **part}
    if "table_as" in part:
        texts = [_("The table %(table)s of %(database)s, as it was on %(time)s, is put beside as %(table_as)s.")]
    elif "table" in part:
        texts = [
            _("The table %(table)s of %(database)s becomes what it was on %(time)s."),
            _("Rows of other tables that were added since may name rows that it no longer has.")
            if "accept_broken" in part
            else _("If rows would then name rows that are not there, they are counted and nothing is changed."),
        ]
    else:
        texts = [
            _("%(path)s of %(tree)s becomes what it was on %(time)s, with all that is below it."),
            _("What was added below it since is no longer there, and rows that name such files lead nowhere."),
        ]
    return [text % names for text in texts]
