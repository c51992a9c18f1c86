"""What a backup and a restore accept, and what they say they will do. Called before anything is written."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backups.data_parts import describe_missing, describe_untouched, get_data, list_database_names
from backups.elsewhere import is_elsewhere
from backups.hindrances import describe_hindrances
from backups.holders import find_remover
from backups.models import Backup, BackupMode, BackupReason, BackupScope, BackupState
from backups.part_parameters import NAMES as PART_NAMES
from backups.part_parameters import PART_PARAMETERS, describe_part, get_part_scope, read_part
from backups.selectors import get_backup
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import InstanceKind
from domain.states import OperationKind
from operations.closing import describe_closed_time
from operations.declared_parameters import BackupUse, Parameter, ParameterType
from operations.parameters import TYPED
from tenants.models import Instance

CODECS = ("gzip", "zstd")
BACKUP_PARAMETERS = (
    Parameter(
        name="scope",
        told=gettext_lazy("Scope"),
        told_choices=BackupScope.choices,
        type=ParameterType.CHOICE,
        default=BackupScope.FULL.value,
        summary=gettext_noop("What is backed up (everything by default)."),
        choices=(
            (BackupScope.FULL.value, gettext_lazy("everything (recommended)")),
            (BackupScope.DATABASE.value, gettext_lazy("the databases only")),
            (BackupScope.FILES.value, gettext_lazy("the files only")),
        ),
        label=gettext_lazy("What is backed up"),
    ),
    Parameter(
        name="mode",
        told=gettext_lazy("Mode"),
        told_choices=BackupMode.choices,
        type=ParameterType.CHOICE,
        default=BackupMode.HOT.value,
        summary=gettext_noop("cold stops web and cron meanwhile (hot by default)."),
        choices=(
            (BackupMode.HOT.value, gettext_lazy("the site goes on working (recommended)")),
            (BackupMode.COLD.value, gettext_lazy("the site is stopped, then started again")),
        ),
        label=gettext_lazy("Meanwhile"),
    ),
    Parameter(
        name="codec",
        told=gettext_lazy("Compression"),
        type=ParameterType.CHOICE,
        default=lambda: settings.BACKUP_CODEC,
        summary=gettext_noop("The setting CIVIPAROISSE_BACKUP_CODEC if not given."),
        choices=tuple((codec, "") for codec in CODECS),
    ),
    Parameter(
        name="reason",
        type=ParameterType.CHOICE,
        default=BackupReason.REQUESTED.value,
        choices=tuple((reason, "") for reason in BackupReason.values),
        is_own=True,
    ),
)
RESTORE_PARAMETERS = (
    Parameter(
        name="backup_id",
        summary=gettext_noop("A good backup of the instance, or of `source`."),
        is_required=True,
        length=32,
        needed=gettext_lazy("Choose the backup to restore."),
        prompt=gettext_lazy("Choose a backup: what will happen is then told here."),
        option="--backup",
        of_backups=BackupUse.READ,
    ),
    Parameter(
        name="scope",
        told=gettext_lazy("Scope"),
        told_choices=BackupScope.choices,
        type=ParameterType.CHOICE,
        summary=gettext_noop("What is put back (that of the backup by default)."),
        choices=(
            (BackupScope.FULL.value, ""),
            (BackupScope.DATABASE.value, gettext_lazy("the databases only")),
            (BackupScope.FILES.value, gettext_lazy("the files only")),
        ),
        none_label=gettext_lazy("everything that the backup holds"),
        label=gettext_lazy("What is restored"),
    ),
    Parameter(
        name="database",
        told=gettext_lazy("Database"),
        type=ParameterType.CHOICE,
        default="",
        summary=gettext_noop("Only this database."),
        choices=tuple((name, name) for name in list_database_names()),
        none_label=gettext_lazy("all that are restored"),
        label=gettext_lazy("Of the databases"),
    ),
    Parameter(
        name="safety_backup",
        told=gettext_lazy("Safety backup first"),
        type=ParameterType.FLAG,
        default=True,
        summary=gettext_noop("Take a backup first (default)."),
        label=gettext_lazy("Take a safety backup first"),
        help=gettext_lazy("If the restore fails, it is put back by itself. Keep it unless there is no more space."),
        option="--no-safety-backup",
    ),
    Parameter(
        name="source",
        told=gettext_lazy("Taken from"),
        default="",
        summary=gettext_noop("Of which instance the backup is, when not of the one that is overwritten."),
    ),
    *PART_PARAMETERS,
    replace(TYPED, summary=gettext_noop("The identifier of the instance that is overwritten.")),
)


def describe_backup(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the backup does, in sentences. `parameters`: as validated."""
    scope, mode = BackupScope(parameters["scope"]), BackupMode(parameters["mode"])
    names = {"instance": instance.identifier, "scope": scope.label, "codec": parameters["codec"]}
    what = _("%(instance)s is backed up (%(scope)s, %(codec)s).") % names
    if mode is BackupMode.COLD:
        return [what, _("Its web server and its cron are stopped meanwhile."), *describe_missing(instance, scope)]
    return [what, _("It goes on working meanwhile."), *describe_missing(instance, scope)]


def validate_restore(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a restore into `instance`, which gets overwritten, with their defaults.

    `backup_id`: a good backup of `source`, which is the instance itself unless another one of the same tenant is named
    (a clone). `scope`: that of the backup by default; `database`: one of the three, then the scope is the databases.
    `safety_backup`: true unless refused. `confirm`: the identifier of `instance`. Raise InvalidValue, NotFound, or
    CiviparoisseError `backup_not_good`, `backup_leaving` or `restore_unconfirmed`.
    """
    backup = get_backup(parameters["backup_id"])
    source = parameters["source"] or instance.identifier
    _check_origin(instance, backup, source=source)
    if backup.state != BackupState.GOOD and not _can_come_back(backup):
        raise CiviparoisseError("backup_not_good", backup_id=backup.backup_id, state=backup.state)
    remover = find_remover([backup.backup_id])
    if remover is not None:
        raise CiviparoisseError("backup_leaving", backup_id=backup.backup_id, operation=remover.public_id)
    part = read_part(instance, parameters, is_clone=source != instance.identifier)
    scope, database = _read_scope(parameters, backup, part=part)
    if parameters["confirm"] != instance.identifier:
        raise CiviparoisseError("restore_unconfirmed", instance=instance.identifier)
    return {
        "backup_id": backup.backup_id,
        "source": source,
        "scope": scope,
        "database": database,
        "safety_backup": parameters["safety_backup"],
        **part,
        "confirm": instance.identifier,
    }


def describe_restore(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the restore does, in sentences. `parameters`: as validated."""
    backup = get_backup(parameters["backup_id"])
    taken = date_format(localtime(backup.started_at), "DATETIME_FORMAT")
    names = {"instance": instance.identifier, "source": parameters["source"], "time": taken}
    names |= {"database": parameters["database"], "scope": BackupScope(parameters["scope"]).label}
    if parameters["database"]:
        what = _("The database %(database)s of %(instance)s becomes what that of %(source)s was on %(time)s.")
    else:
        what = _("%(instance)s (%(scope)s) becomes what %(source)s was on %(time)s.")
    lost = _("What was changed in %(instance)s after that is no longer in it.")
    copy = _("A safety backup of %(instance)s is taken first, and put back if the restore fails.")
    no_copy = _("No safety backup is taken: there is no way back.")
    closed = _("Its page is closed meanwhile, and %(instance)s is active afterwards.")
    if part := {name: parameters[name] for name in PART_NAMES if name in parameters}:
        told = describe_part(instance, part, database=parameters["database"], time=taken)
        return [*told, (copy if parameters["safety_backup"] else no_copy) % names, closed % names]
    sentences = [what, lost, copy if parameters["safety_backup"] else no_copy]
    if parameters["source"] != instance.identifier:
        sentences.append(_("%(instance)s becomes a copy: its outgoing mail and its cron are switched off."))
    sentences += [closed, describe_closed_time(instance, OperationKind.RESTORE)]
    untouched = describe_untouched(instance, BackupScope(parameters["scope"]), database=parameters["database"])
    exchanges_files = parameters["scope"] != BackupScope.DATABASE
    hindrances = describe_hindrances(instance) if exchanges_files else []
    return [*(sentence % names for sentence in sentences), *untouched, *hindrances]


def _can_come_back(backup: Backup) -> bool:
    """Return whether a set that is only gone from its volume can be fetched."""
    gone = backup.state == BackupState.DELETED or backup.error_code == "backup_missing"
    return gone and is_elsewhere(backup)


def _check_origin(instance: Instance, backup: Backup, *, source: str) -> None:
    origin = backup.instance
    if origin.tenant_id != instance.tenant_id:
        reason = _("%(backup)s belongs to another parish (%(tenant)s).")
        raise InvalidValue(
            field="backup_id", reason=reason % {"backup": backup.backup_id, "tenant": origin.tenant.slug}
        )
    if origin.identifier != source:
        reason = _("%(backup)s was taken of %(origin)s; to copy it into %(instance)s, name %(origin)s as the source.")
        names = {"backup": backup.backup_id, "origin": origin.identifier, "instance": instance.identifier}
        raise InvalidValue(field="source", reason=reason % names)
    if source != instance.identifier and instance.kind == InstanceKind.PRODUCTION:
        reason = _("%(instance)s is in production: no copy of another instance is put over it.")
        raise InvalidValue(field="source", reason=reason % {"instance": instance.identifier})


def _read_scope(parameters: dict[str, Any], backup: Backup, *, part: dict[str, Any]) -> tuple[str, str]:
    """Return scope and database ("" for all of them)."""
    database = parameters["database"]
    if database and database not in get_data(backup.instance).databases:
        reason = _("%(instance)s has no such database.")
        raise InvalidValue(field="database", reason=reason % {"instance": backup.instance.identifier})
    default = BackupScope.DATABASE.value if database else backup.scope
    scope = parameters.get("scope", get_part_scope(part) or default)
    if part and scope != (wanted_scope := get_part_scope(part)):
        wanted = BackupScope(wanted_scope or scope).label
        raise InvalidValue(field="scope", reason=_("give %(scope)s, or none.") % {"scope": wanted})
    if database and scope != BackupScope.DATABASE:
        raise InvalidValue(field="scope", reason=_("with one database, the scope can only be “database”."))
    if backup.scope not in (BackupScope.FULL, scope):
        reason = _("%(backup)s holds less: %(scope)s.")
        names = {"backup": backup.backup_id, "scope": BackupScope(backup.scope).label}
        raise InvalidValue(field="scope", reason=reason % names)
    return scope, database
