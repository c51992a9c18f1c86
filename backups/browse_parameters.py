"""What a look into a set accepts, and what it says it will do. Called before anything is written."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backups.data_parts import get_data
from backups.holders import find_remover
from backups.models import BackupState
from backups.selectors import get_backup
from backups.verify_parameters import offer_backups
from domain.errors import CiviparoisseError, InvalidValue
from operations.declared_parameters import BackupUse, Parameter, ParameterType
from tenants.models import Instance

TABLES, FILES = "tables", "files"
BROWSE_PARAMETERS = (
    Parameter(
        name="backup",
        length=32,
        is_required=True,
        summary=gettext_noop("The backup that is looked into."),
        offers=offer_backups,
        label=gettext_lazy("Which backup"),
        needed=gettext_lazy("Choose a backup."),
        of_backups=BackupUse.READ,
    ),
    Parameter(
        name="look",
        type=ParameterType.CHOICE,
        default=TABLES,
        summary=gettext_noop("tables or files (tables by default)."),
        choices=((TABLES, gettext_lazy("tables")), (FILES, gettext_lazy("files"))),
        label=gettext_lazy("What is listed"),
    ),
    Parameter(
        name="within",
        default="",
        summary=gettext_noop("Only this database, or this tree of files."),
        label=gettext_lazy("Only in this database or tree"),
    ),
    Parameter(
        name="below",
        default="",
        length=1000,
        summary=gettext_noop("The directory whose files are listed."),
        label=gettext_lazy("In this directory"),
    ),
    Parameter(
        name="search",
        default="",
        length=200,
        summary=gettext_noop("Part of a name; letter case does not matter."),
        label=gettext_lazy("Whose name contains"),
    ),
    Parameter(
        name="after",
        type=ParameterType.NUMBER,
        least=0,
        most=10**9,
        default=0,
        summary=gettext_noop("Where to go on: `next` of the page before."),
        is_link_only=True,
    ),
)


def validate_browse(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `parameters`. Raise NotFound, InvalidValue, or CiviparoisseError `backup_not_good` or `backup_leaving`."""
    backup = get_backup(parameters["backup"])
    if backup.instance_id != instance.pk:
        reason = _("%(backup)s is no backup of %(instance)s that is kept.")
        raise InvalidValue(field="backup", reason=reason % {"backup": backup, "instance": instance.identifier})
    if backup.state not in (BackupState.GOOD, BackupState.DELETED):
        raise CiviparoisseError("backup_not_good", backup_id=backup.backup_id, state=backup.state)
    if (remover := find_remover([backup.backup_id])) is not None:
        raise CiviparoisseError("backup_leaving", backup_id=backup.backup_id, operation=remover.public_id)
    data = get_data(instance)
    names = data.trees if parameters["look"] == FILES else data.databases
    if parameters["within"] and parameters["within"] not in names:
        raise InvalidValue(field="within", reason=_("give one of %(names)s.") % {"names": ", ".join(names)})
    if parameters["below"] and (parameters["look"] != FILES or not parameters["within"]):
        raise InvalidValue(field="below", reason=_("a directory is one of a tree: name the tree too."))
    for parameter in BROWSE_PARAMETERS:
        value = parameters.get(parameter.name)
        if isinstance(value, str) and (len(value) > parameter.length or "\0" in value):
            reason = _("give %(most)s characters at most.") % {"most": parameter.length}
            raise InvalidValue(field=parameter.name, reason=reason)
    return parameters


def describe_browse(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the look does, in sentences. `parameters`: as validated."""
    backup = get_backup(parameters["backup"])
    names = {"instance": instance.identifier, "time": date_format(localtime(backup.started_at), "DATETIME_FORMAT")}
    return [
        _("What the backup of %(instance)s of %(time)s holds is listed, at most a hundred names at a time.") % names,
        _("Nothing is changed, and the instance goes on working; other operations do not wait for it."),
    ]
