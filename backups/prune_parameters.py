"""What a pruning accepts, and what it says it will do. Called before anything is written."""

from collections.abc import Collection, Sequence
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from backups.holders import list_holders
from backups.models import Backup, BackupScope
from backups.policies import find_policy
from backups.retention import decide_for, make_override
from backups.retention_texts import describe_reasons
from backups.selectors import list_held_sets
from domain.errors import CiviparoisseError, InvalidValue
from operations.declared_parameters import BackupUse, Parameter, ParameterType
from operations.parameters import TYPED
from programs.sets.retention import Decision, HeldSet, RetentionRule, Why, select_newest
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
        most=MOST_DAYS,
        summary=gettext_noop("Those begun longer ago than this; without it, those that the policy lets go."),
        label=gettext_lazy("Remove the backups older than (days)"),
        help=gettext_lazy("Empty: those that the policy lets go. The newest good one and pinned ones always stay."),
    ),
    Parameter(
        name="backup_ids",
        told=gettext_lazy("Backups"),
        type=ParameterType.TEXTS,
        most=MOST_SETS,
        length=32,
        summary=gettext_noop("These, by name."),
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

    Asked for are either `backup_ids`, or all begun more than `older_than_days` ago, or, with neither, those that the
    instance's policy lets go. What nobody may remove stays (backups.retention). `confirm`: the instance's identifier.
    Raise InvalidValue, or CiviparoisseError `nothing_to_prune`, `prune_keeps_newest`, `prune_keeps_set`,
    `backup_in_use` or `prune_unconfirmed`.
    """
    if "backup_ids" in parameters:
        chosen = _select_named(instance, parameters["backup_ids"])
    else:
        chosen = _select_let_go(instance, parameters.get("older_than_days"))
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


def _select_let_go(instance: Instance, days: int | None) -> Sequence[HeldSet]:
    policy = find_policy(instance)
    rule = policy.make_rule() if days is None else make_override(policy, older_than_days=days)
    decisions = decide_for(instance, rule, now=timezone.now())
    chosen = [decision.held for decision in decisions if not decision.keep][:MOST_SETS]
    if not chosen:
        # What would go and is only being read is worth another try.
        read = [one.held.backup_id for one in decisions if {reason.why for reason in one.reasons} == {Why.HELD}]
        refuse_in_use(instance, read)
        raise CiviparoisseError("nothing_to_prune", instance=instance.identifier)
    return chosen


def _select_named(instance: Instance, asked: list[str]) -> Sequence[HeldSet]:
    decisions = {one.held.backup_id: one for one in decide_for(instance, RetentionRule(), now=timezone.now())}
    unknown = sorted(set(asked) - decisions.keys())
    if unknown:
        reason = _("%(backup)s is no backup of %(instance)s that is kept.")
        names = {"backup": unknown[0][:32], "instance": instance.identifier}
        raise InvalidValue(field="backup_ids", reason=reason % names)
    chosen = [one for name, one in decisions.items() if name in set(asked)]
    for decision in chosen:
        refuse_kept(instance, decision)
    return [decision.held for decision in chosen]


def refuse_kept(instance: Instance, decision: Decision) -> None:
    """Raise CiviparoisseError `prune_keeps_newest` or `prune_keeps_set` for a set that nobody may remove. `decision`:
    by a rule that keeps nothing. Who reads a set is asked by `refuse_in_use`."""
    held = decision.held
    for reason, why in zip(decision.reasons, describe_reasons(decision), strict=True):
        if reason.why is Why.NEWEST:
            raise CiviparoisseError(
                "prune_keeps_newest", instance=instance.identifier, backup_id=held.backup_id, scope=held.scope
            )
        if reason.why in (Why.PINNED, Why.PROVEN):
            raise CiviparoisseError("prune_keeps_set", instance=instance.identifier, backup_id=held.backup_id, why=why)


def is_prunable(backup: Backup) -> bool:
    """Return whether this one backup could be asked to be removed."""
    decisions = decide_for(backup.instance, RetentionRule(), now=timezone.now())
    decision = next((one for one in decisions if one.held.backup_id == backup.backup_id), None)
    kept = {Why.NEWEST, Why.PINNED, Why.PROVEN, Why.HELD}
    return decision is not None and kept.isdisjoint(reason.why for reason in decision.reasons)
