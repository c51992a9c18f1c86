"""What a backup and a restore accept, and what they say they will do. Called before anything is written."""

from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backups.models import Backup, BackupMode, BackupReason, BackupScope, BackupState
from backups.selectors import find_remover, get_backup
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import DATABASES, InstanceKind
from operations.parameters import read_flag, read_text, refuse_unknown
from tenants.models import Instance

CODECS = ("gzip", "zstd")
BACKUP_PARAMETERS = frozenset({"scope", "mode", "codec", "reason"})
RESTORE_PARAMETERS = frozenset({"backup_id", "source", "scope", "database", "safety_backup", "confirm"})


def validate_backup(_instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return scope, mode, codec and reason with their defaults. Raise InvalidValue."""
    refuse_unknown(parameters, known=BACKUP_PARAMETERS)
    return {
        "scope": _read_choice(parameters, "scope", choices=BackupScope.values, default=BackupScope.FULL.value),
        "mode": _read_choice(parameters, "mode", choices=BackupMode.values, default=BackupMode.HOT.value),
        "codec": _read_choice(parameters, "codec", choices=CODECS, default=settings.BACKUP_CODEC),
        "reason": _read_choice(parameters, "reason", choices=BackupReason.values, default=BackupReason.REQUESTED.value),
    }


def describe_backup(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the backup does, in sentences. `parameters`: as validated."""
    scope, mode = BackupScope(parameters["scope"]), BackupMode(parameters["mode"])
    names = {"instance": instance.identifier, "scope": scope.label, "codec": parameters["codec"]}
    what = _("%(instance)s is backed up (%(scope)s, %(codec)s).") % names
    if mode is BackupMode.COLD:
        return [what, _("Its web server and its cron are stopped meanwhile.")]
    return [what, _("It goes on working meanwhile.")]


def validate_restore(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a restore into `instance`, which gets overwritten, with their defaults.

    `backup_id`: a good backup of `source`, which is the instance itself unless another one of the same tenant is named
    (a clone). `scope`: that of the backup by default; `database`: one of the three, then the scope is the databases.
    `safety_backup`: true unless refused. `confirm`: the identifier of `instance`. Raise InvalidValue, NotFound, or
    CiviparoisseError `backup_not_good`, `backup_leaving` or `restore_unconfirmed`.
    """
    refuse_unknown(parameters, known=RESTORE_PARAMETERS)
    backup = get_backup(read_text(parameters, "backup_id"))
    source = read_text(parameters, "source") or instance.identifier
    _check_origin(instance, backup, source=source)
    if backup.state != BackupState.GOOD:
        raise CiviparoisseError("backup_not_good", backup_id=backup.backup_id, state=backup.state)
    remover = find_remover(backup.backup_id)
    if remover is not None:
        raise CiviparoisseError("backup_leaving", backup_id=backup.backup_id, operation=remover.public_id)
    scope, database = _read_scope(parameters, backup)
    safety_backup = read_flag(parameters, "safety_backup", default=True)
    if read_text(parameters, "confirm") != instance.identifier:
        raise CiviparoisseError("restore_unconfirmed", instance=instance.identifier)
    return {
        "backup_id": backup.backup_id,
        "source": source,
        "scope": scope,
        "database": database,
        "safety_backup": safety_backup,
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
    sentences = [what, lost, copy if parameters["safety_backup"] else no_copy]
    if parameters["source"] != instance.identifier:
        sentences.append(_("%(instance)s becomes a copy: its outgoing mail and its cron are switched off."))
    sentences.append(_("Its page is closed meanwhile, and %(instance)s is active afterwards."))
    return [sentence % names for sentence in sentences]


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
        raise InvalidValue(field="target", reason=reason % {"instance": instance.identifier})


def _read_scope(parameters: dict[str, Any], backup: Backup) -> tuple[str, str]:
    """Return scope and database ("" for all of them)."""
    database = read_text(parameters, "database")
    if database and database not in DATABASES:
        raise InvalidValue(field="database", reason=_("give one of %(names)s.") % {"names": ", ".join(DATABASES)})
    default = BackupScope.DATABASE.value if database else backup.scope
    scope = _read_choice(parameters, "scope", choices=BackupScope.values, default=default)
    if database and scope != BackupScope.DATABASE:
        raise InvalidValue(field="scope", reason=_("with one database, the scope can only be “database”."))
    if backup.scope not in (BackupScope.FULL, scope):
        reason = _("%(backup)s holds less: %(scope)s.")
        names = {"backup": backup.backup_id, "scope": BackupScope(backup.scope).label}
        raise InvalidValue(field="scope", reason=reason % names)
    return scope, database


def _read_choice(parameters: dict[str, Any], name: str, *, choices: tuple[str, ...] | list[str], default: str) -> str:
    value = read_text(parameters, name) or default
    if value not in choices:
        raise InvalidValue(field=name, reason=_("give one of %(names)s.") % {"names": ", ".join(choices)})
    return value
