"""What the operations of this app accept, and what they say they will do. Called before anything is written."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from domain.errors import CiviparoisseError
from engine.registry import get_engine
from operations.declared_parameters import CONFIRM, Parameter, ParameterType
from tenants.models import Instance

OVER_CAPACITY = "over_capacity"
OVER_CAPACITY_FLAG = Parameter(
    name=OVER_CAPACITY,
    type=ParameterType.FLAG,
    summary=gettext_noop("Also when no node seems to have room (not by default)."),
    told=gettext_lazy("Even without room"),
)
TYPED = Parameter(name=CONFIRM, default="", summary=gettext_noop("The identifier of the instance, once more."))
DELETION_PARAMETERS = (
    Parameter(
        name="final_backup",
        told=gettext_lazy("Final backup first"),
        type=ParameterType.FLAG,
        default=True,
        summary=gettext_noop("Take a last backup first (default)."),
        label=gettext_lazy("Take a final backup first"),
        help=gettext_lazy("The instance can then be brought back as it was."),
        option="--no-final-backup",
    ),
    Parameter(
        name="purge_backups",
        told=gettext_lazy("Backups deleted too"),
        type=ParameterType.FLAG,
        default=False,
        summary=gettext_noop("Delete its backups too (not by default)."),
        label=gettext_lazy("Delete its backups too"),
        help=gettext_lazy("Nothing could be brought back any more."),
    ),
    TYPED,
)


def validate_deletion(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `parameters`. `confirm` must be the identifier when data would be lost for good: no final backup, or the
    backups purged too. Raise CiviparoisseError `confirmation_missing`."""
    refuse_unconfirmed_loss(instance.identifier, parameters)
    return parameters


def refuse_unconfirmed_loss(identifier: str, parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError `confirmation_missing` when a deletion loses data for good and nobody said so.

    Asked twice: when the deletion is requested, and by the step that purges.
    """
    loses = not parameters["final_backup"] or parameters["purge_backups"]
    if loses and parameters["confirm"] != identifier:
        raise CiviparoisseError("confirmation_missing", instance=identifier)


def describe_provision(instance: Instance, _parameters: dict[str, Any]) -> list[str]:
    """Return what provisioning does, in sentences."""
    names = {"instance": instance.identifier, "plan": instance.plan.name, "release": instance.release.name}
    return [
        _("%(instance)s is created with the plan %(plan)s and the release %(release)s.") % names,
        _("Its page will answer for %(host)s.") % {"host": instance.host},
    ]


def describe_suspend(instance: Instance, _parameters: dict[str, Any]) -> list[str]:
    """Return what suspending does, in sentences."""
    return [_("%(instance)s is stopped; its data and its backups are kept.") % {"instance": instance.identifier}]


def describe_resume(instance: Instance, _parameters: dict[str, Any]) -> list[str]:
    """Return what resuming does, in sentences."""
    return [_("%(instance)s is started again on its data.") % {"instance": instance.identifier}]


def describe_deletion(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what a deletion does, in sentences. `parameters`: as validated."""
    names = {"instance": instance.identifier}
    final = _("A final backup is taken first.") if parameters["final_backup"] else _("No final backup is taken.")
    backups = _("Its backups are purged too.") if parameters["purge_backups"] else _("Its backups are kept.")
    what = _("%(instance)s is stopped and its data is purged for good.") % names
    return [what, *_describe_grace(instance), final, backups]


def _describe_grace(instance: Instance) -> list[str]:
    """Return until when the deletion can be undone, where the engine gives time for that."""
    seconds = get_engine(instance.engine).deletion_grace_seconds
    if seconds == 0:
        return []
    until = date_format(localtime(timezone.now() + timedelta(seconds=seconds)), "DATETIME_FORMAT")
    text = _("Nothing is purged before %(time)s: until then, cancelling the operation brings everything back.")
    return [text % {"time": until}]
