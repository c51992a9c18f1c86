"""What a removal of copies accepts, and what it says it will do. Called before anything is written."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from backups.policies import find_policy
from domain.errors import CiviparoisseError, InvalidValue
from domain.states import InstanceState
from offsite.models import BackupCopy, CopyState
from offsite.removal import REMOVABLE
from offsite.retention import decide_copies, select_let_go
from operations.declared_parameters import Parameter, ParameterType
from operations.parameters import TYPED
from tenants.models import Instance

MOST_COPIES = 1000
EVERYTHING = "everything"
PRUNE_COPIES_PARAMETERS = (
    Parameter(
        name=EVERYTHING,
        type=ParameterType.FLAG,
        default=False,
        summary=gettext_noop("All copies of a deleted instance, the newest too (not by default)."),
        label=gettext_lazy("All of them, the newest too (only of a deleted instance)"),
        help=gettext_lazy("Nothing could be brought back any more from elsewhere."),
        told=gettext_lazy("All copies elsewhere"),
    ),
    # What was found when it was asked: exactly these copies, each as DESTINATION/BACKUP.
    Parameter(
        name="copies",
        type=ParameterType.TEXTS,
        most=MOST_COPIES,
        is_own=True,
        label=gettext_lazy("Copies"),
    ),
    TYPED,
)


def validate_prune_copies(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return {"copies", "everything", "confirm"}: exactly the copies that go, the oldest first.

    They are those that the policy lets go at each destination; with `everything`, all of a deleted instance. Raise
    InvalidValue, or CiviparoisseError `no_copies_to_prune` or `prune_unconfirmed`.
    """
    if parameters[EVERYTHING]:
        if instance.state != InstanceState.DELETED:
            reason = _("only of a deleted instance; copies of one that lives go by its policy.")
            raise InvalidValue(field=EVERYTHING, reason=reason)
        chosen = list(_list_all(instance))
    else:
        rule, now = find_policy(instance).make_rule(), timezone.now()
        chosen = select_let_go(decide_copies(instance, rule, now=now), now=now)
        chosen += [copy for copy in _list_left(instance) if copy not in chosen]
    if not chosen:
        raise CiviparoisseError("no_copies_to_prune", instance=instance.identifier)
    if parameters["confirm"] != instance.identifier:
        raise CiviparoisseError("prune_unconfirmed", instance=instance.identifier)
    return {**parameters, "copies": [name_copy(copy) for copy in chosen[:MOST_COPIES]]}


def describe_prune_copies(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the removal does, in sentences. `parameters`: as validated."""
    rows = find_copies(instance, parameters["copies"])
    leaving = [copy for copy in rows if copy.state in REMOVABLE]
    sentences = [_describe_place(name, leaving) for name in sorted({copy.destination.name for copy in leaving})]
    if parameters[EVERYTHING]:
        sentences.append(_("Nothing of %(instance)s stays elsewhere.") % {"instance": instance.identifier})
    else:
        sentences.append(_("Each destination keeps its newest good copy."))
    sentences.append(_("What a lock holds stays until the lock ends, and goes then."))
    return sentences


def name_copy(copy: BackupCopy) -> str:
    """Return how an operation names a copy."""
    return f"{copy.destination.name}/{copy.backup.backup_id}"


def find_copies(instance: Instance, names: list[str]) -> list[BackupCopy]:
    """Return the copies of those names, in their order; what is no copy of the instance is left out."""
    rows = BackupCopy.objects.filter(backup__instance=instance).select_related(
        "backup__instance__tenant", "destination"
    )
    by_name = {name_copy(copy): copy for copy in rows}
    return [by_name[name] for name in names if name in by_name]


def _list_all(instance: Instance) -> list[BackupCopy]:
    rows = BackupCopy.objects.filter(backup__instance=instance).exclude(state=CopyState.GONE, left_names=[])
    return list(rows.select_related("backup__instance__tenant", "destination").order_by("backup__started_at", "pk"))


def _list_left(instance: Instance) -> list[BackupCopy]:
    """Return the copies that lay under other names before, where parts of those are still there."""
    return [copy for copy in _list_all(instance) if copy.left_names and copy.state != CopyState.COPYING]


def _describe_place(name: str, copies: list[BackupCopy]) -> str:
    here = [copy for copy in copies if copy.destination.name == name]
    text = ngettext(
        "%(count)s copy at %(destination)s is removed for good: %(size)s (%(first)s – %(last)s).",
        "%(count)s copies at %(destination)s are removed for good: %(size)s (%(first)s – %(last)s).",
        len(here),
    )
    return text % {
        "count": len(here),
        "destination": name,
        "size": filesizeformat(sum(copy.sealed_bytes or 0 for copy in here)),
        "first": date_format(localtime(here[0].backup.started_at), "DATETIME_FORMAT"),
        "last": date_format(localtime(here[-1].backup.started_at), "DATETIME_FORMAT"),
    }
