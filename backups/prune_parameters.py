"""What a pruning accepts, and what it says it will do. Called before anything is written."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backups.holders import list_holders
from backups.models import Backup, BackupScope
from backups.selectors import list_held_sets
from domain.errors import CiviparoisseError, InvalidValue
from operations.declared_parameters import BackupUse, Parameter, ParameterType
from operations.parameters import TYPED
from programs.sets.retention import HeldSet, RetentionRule, Why, decide_retention, select_newest
from tenants.models import Instance

MOST_DAYS = 36500
# A request is one page of a person, or one night of a script.
MOST_SETS = 1000
# An identifier holds no comma, slash or space.
BACKUP_ID = r"^[0-9A-Za-z-]+$"
PRUNE_PARAMETERS = (
    Parameter(
        name="older_than_days",
        told=gettext_lazy("Older than (days)"),
        type=ParameterType.NUMBER,
        default=lambda: settings.BACKUP_RETENTION_DAYS,
        most=MOST_DAYS,
        summary="Those begun longer ago than this; CIVIPAROISSE_BACKUP_RETENTION_DAYS by default.",
        label=gettext_lazy("Remove the backups older than (days)"),
        help=gettext_lazy("The newest good backup always stays."),
    ),
    Parameter(
        name="backup_ids",
        told=gettext_lazy("Backups"),
        type=ParameterType.TEXTS,
        most=MOST_SETS,
        length=32,
        summary="These, by name.",
        pattern=BACKUP_ID,
        is_link_only=True,
        instead_of="older_than_days",
        option="--backup",
        of_backups=BackupUse.REMOVED,
    ),
    TYPED,
)


def validate_prune(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return {"backup_ids", "confirm"}: exactly the sets that will be removed, the oldest first.

    Asked for are either `backup_ids`, or all that are out of retention: begun more than `older_than_days` ago (the
    setting's by default). The newest good set of each scope always stays. `confirm`: the instance's identifier.
    Raise InvalidValue, or CiviparoisseError `nothing_to_prune`, `prune_keeps_newest`, `backup_in_use` or
    `prune_unconfirmed`.
    """
    held = list_held_sets(instance)
    if "backup_ids" in parameters:
        chosen = _select_named(instance, held, parameters["backup_ids"])
    else:
        chosen = _select_old(instance, held, parameters["older_than_days"])
    refuse_in_use(instance, [backup.backup_id for backup in chosen])
    if parameters["confirm"] != instance.identifier:
        raise CiviparoisseError("prune_unconfirmed", instance=instance.identifier)
    return {"backup_ids": [backup.backup_id for backup in chosen], "confirm": instance.identifier}


def refuse_in_use(instance: Instance, backup_ids: Collection[str]) -> None:
    """Raise CiviparoisseError `backup_in_use` when something under way reads one of these sets."""
    for backup_id, names in list_holders(backup_ids).items():
        raise CiviparoisseError(
            "backup_in_use", retryable=True, instance=instance.identifier, backup_id=backup_id, operation=names[0]
        )


def describe_prune(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the pruning does, in sentences. `parameters`: as validated."""
    wanted = set(parameters["backup_ids"])
    held = list_held_sets(instance)
    chosen = [backup for backup in held if backup.backup_id in wanted]
    what = ngettext(
        "%(count)s backup of %(instance)s is removed for good: %(size)s (%(first)s – %(last)s).",
        "%(count)s backups of %(instance)s are removed for good: %(size)s (%(first)s – %(last)s).",
        len(chosen),
    ) % {
        "count": len(chosen),
        "instance": instance.identifier,
        "size": filesizeformat(sum(backup.stored_bytes for backup in chosen)),
        "first": _write_time(chosen[0]),
        "last": _write_time(chosen[-1]),
    }
    kept = select_newest(backup for backup in held if backup.backup_id not in wanted)
    stays = _("The newest good one stays (%(scope)s): of %(time)s.")
    return [
        what,
        *(
            stays % {"scope": BackupScope(scope).label, "time": _write_time(kept_set)}
            for scope, kept_set in sorted(kept.items())
        ),
        _("The instance goes on working meanwhile."),
    ]


def _write_time(backup: HeldSet) -> str:
    return date_format(localtime(backup.started_at), "DATETIME_FORMAT")


def _select_old(instance: Instance, held: Iterable[HeldSet], days: int) -> Sequence[HeldSet]:
    rule = RetentionRule(keep_within_days=days)
    decisions = decide_retention(held, rule, now=timezone.now(), timezone=get_default_timezone())
    chosen = [decision.held for decision in decisions if not decision.keep][:MOST_SETS]
    if not chosen:
        # What would go and is only being read is worth another try.
        refuse_in_use(
            instance, [one.held.backup_id for one in decisions if {why.why for why in one.reasons} == {Why.HELD}]
        )
        raise CiviparoisseError("nothing_to_prune", instance=instance.identifier, days=days)
    return chosen


def _select_named(instance: Instance, held: Iterable[HeldSet], asked: list[str]) -> Sequence[HeldSet]:
    known = {backup.backup_id: backup for backup in held}
    unknown = sorted(set(asked) - known.keys())
    if unknown:
        reason = _("%(backup)s is no backup of %(instance)s that is kept.")
        names = {"backup": unknown[0][:32], "instance": instance.identifier}
        raise InvalidValue(field="backup_ids", reason=reason % names)
    for scope, newest in select_newest(known.values()).items():
        if newest.backup_id in asked:
            raise CiviparoisseError(
                "prune_keeps_newest", instance=instance.identifier, backup_id=newest.backup_id, scope=scope
            )
    return [backup for backup in known.values() if backup.backup_id in set(asked)]


def is_prunable(backup: Backup) -> bool:
    """Return whether this one backup could be asked to be removed."""
    held = list_held_sets(backup.instance)
    kept = {backup.backup_id for backup in select_newest(held).values()}
    return backup.backup_id not in kept and any(held_backup.backup_id == backup.backup_id for held_backup in held)
