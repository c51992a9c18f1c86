"""What a verification accepts, and what it says it will do. Called before anything is written."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backups.holders import find_remover, list_leaving
from backups.models import Backup, BackupReason, BackupState
from domain.errors import CiviparoisseError, InvalidValue
from operations.declared_parameters import BackupUse, Parameter, ParameterType
from tenants.models import Instance


def offer_backups(instance: Instance) -> list[tuple[str, str]]:
    """Return what can be read back, the newest first."""
    return [(row.backup_id, _describe(row)) for row in list_kept(instance)]


VERIFY_PARAMETERS = (
    Parameter(
        name="backup",
        length=32,
        summary=gettext_noop("Only this one (all good ones by default)."),
        offers=offer_backups,
        none_label=gettext_lazy("all good ones"),
        label=gettext_lazy("Which backups are read"),
        of_backups=BackupUse.READ,
    ),
    # What `backup` stands for, found when it is asked: exactly the sets that are read.
    Parameter(
        name="backup_ids",
        type=ParameterType.TEXTS,
        most=100_000,
        is_own=True,
        of_backups=BackupUse.READ,
        label=gettext_lazy("Backups"),
    ),
)


def validate_verify(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `parameters` with `backup_ids`: the set that `backup` names, or all good ones that nobody is removing,
    the newest first.

    Raise InvalidValue, or CiviparoisseError `nothing_to_verify` or `backup_leaving`.
    """
    name = parameters.get("backup", "")
    kept = [row for row in list_kept(instance) if row.backup_id == name or (not name and _is_good(row))]
    leaving = set() if name else list_leaving()
    chosen = [row.backup_id for row in kept if row.backup_id not in leaving]
    if not chosen and name:
        reason = _("%(backup)s is no backup of %(instance)s that is kept.")
        raise InvalidValue(field="backup", reason=reason % {"backup": name, "instance": instance.identifier})
    if not chosen:
        raise CiviparoisseError("nothing_to_verify", instance=instance.identifier)
    if name and (remover := find_remover(chosen)) is not None:
        raise CiviparoisseError("backup_leaving", backup_id=name, operation=remover.public_id)
    return {**parameters, "backup_ids": chosen}


def describe_verify(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the verification does, in sentences. `parameters`: as validated."""
    count = len(parameters["backup_ids"])
    one = _("The backup %(backup)s of %(instance)s is read back whole.")
    several = _("%(count)s backups of %(instance)s are read back whole, the newest first.")
    what = one if count == 1 else several
    names = {"count": count, "instance": instance.identifier, "backup": parameters["backup_ids"][0]}
    return [
        what % names,
        _("What is damaged is not good any more, and cannot be restored."),
        _("Nothing else is changed, and the instance goes on working; other operations do not wait for it."),
    ]


def _describe(row: Backup) -> str:
    taken = date_format(localtime(row.started_at), "DATETIME_FORMAT")
    return f"{taken} ({row.get_scope_display()}, {row.get_state_display()})"


def _is_good(row: Backup) -> bool:
    return row.state == BackupState.GOOD


def list_kept(instance: Instance) -> list[Backup]:
    """Return what is on the instance's volume as far as we know, the newest first: what is or was good, and what a
    schedule made that was never read back."""
    rows = Backup.objects.filter(instance=instance).exclude(state=BackupState.DELETED).order_by("-started_at", "-pk")
    return [row for row in rows if is_kept(row)]


def is_kept(row: Backup) -> bool:
    """Return whether its set is there to be read, as far as we know."""
    if row.state == BackupState.RUNNING:
        return row.reason == BackupReason.SCHEDULED and row.operation_id is None
    return row.state != BackupState.DELETED and row.stored_bytes is not None
