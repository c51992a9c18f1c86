"""What a proof accepts, and what it says it will do. Called before anything is written."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backups.holders import find_remover
from backups.models import Backup
from backups.selectors import list_whole_backups
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import InstanceKind
from operations.declared_parameters import BackupUse, Parameter
from tenants.models import Instance


def offer_sets(instance: Instance) -> list[tuple[str, str]]:
    """Return the sets that can be proven, the newest first."""
    return [(row.backup_id, _describe(row)) for row in list_whole_backups(instance)]


PROVE_PARAMETERS = (
    Parameter(
        name="backup",
        length=32,
        default="",
        summary=gettext_noop("A good backup of everything (the newest one that is not proven by default)."),
        offers=offer_sets,
        none_label=gettext_lazy("the newest one that is not proven yet"),
        label=gettext_lazy("Which backup is proven"),
        of_backups=BackupUse.READ,
    ),
)


def validate_prove(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `parameters` with the set that is proven. Raise InvalidValue, or CiviparoisseError `nothing_to_prove`,
    `proof_of_production` or `backup_leaving`."""
    if instance.kind != InstanceKind.PRODUCTION:
        raise CiviparoisseError("proof_of_production", instance=instance.identifier)
    name = parameters["backup"]
    chosen = choose_set(instance) if not name else list_whole_backups(instance).filter(backup_id=name).first()
    if chosen is None and name:
        reason = _("%(backup)s is no good backup of everything of %(instance)s.")
        raise InvalidValue(field="backup", reason=reason % {"backup": name, "instance": instance.identifier})
    if chosen is None:
        raise CiviparoisseError("nothing_to_prove", instance=instance.identifier)
    remover = find_remover([chosen.backup_id])
    if remover is not None:
        raise CiviparoisseError("backup_leaving", backup_id=chosen.backup_id, operation=remover.public_id)
    return {**parameters, "backup": chosen.backup_id}


def choose_set(instance: Instance) -> Backup | None:
    """Return the newest good set of everything that is not proven yet, else the newest; None without any."""
    rows = list_whole_backups(instance)
    return rows.filter(proven_at=None).first() or rows.first()


def describe_prove(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the proof does, in sentences. `parameters`: as validated."""
    names = {"instance": instance.identifier, "backup": parameters["backup"]}
    return [
        _("The backup %(backup)s of %(instance)s is restored into an instance made for that, and judged there.")
        % names,
        _("It sends no mail, runs no cron and nobody can reach it; it is removed at the end, whatever happens."),
        _("%(instance)s goes on working; nothing of it is changed, and other operations do not wait.") % names,
    ]


def _describe(row: Backup) -> str:
    taken = date_format(localtime(row.started_at), "DATETIME_FORMAT")
    if row.proven_at is None:
        return taken
    return _("%(time)s, proven on %(date)s") % {
        "time": taken,
        "date": date_format(localtime(row.proven_at), "SHORT_DATE_FORMAT"),
    }
