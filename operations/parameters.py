"""What the operations of this app accept, and what they say they will do. Called before anything is written."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InvalidValue
from engine.registry import get_engine
from tenants.models import Instance

OVER_CAPACITY = "over_capacity"
DELETION_FLAGS = {"final_backup": True, "purge_backups": False}


def refuse_unknown(parameters: dict[str, Any], *, known: frozenset[str]) -> None:
    """Raise InvalidValue for the first parameter that is not in `known`."""
    for name in sorted(set(parameters) - known):
        raise InvalidValue(field=name, reason=_("this operation has no such parameter."))


def read_text(parameters: dict[str, Any], name: str) -> str:
    """Return the text of a parameter, "" when it is not given. Raise InvalidValue for anything else."""
    value = parameters.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidValue(field=name, reason=_("give a text."))
    return value or ""


def read_flag(parameters: dict[str, Any], name: str, *, default: bool) -> bool:
    """Return the flag of a parameter. Raise InvalidValue for anything but true or false."""
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise InvalidValue(field=name, reason=_("give true or false."))
    return value


def validate_nothing(_instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return {}: these operations take no parameter. Raise InvalidValue for any."""
    refuse_unknown(parameters, known=frozenset())
    return {}


def validate_provision(_instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `over_capacity` when it is true: the instance may be more than the place can hold. Raise InvalidValue."""
    refuse_unknown(parameters, known=frozenset({OVER_CAPACITY}))
    wanted = parameters.get(OVER_CAPACITY, False)
    if not isinstance(wanted, bool):
        raise InvalidValue(field=OVER_CAPACITY, reason=_("give true or false."))
    return {OVER_CAPACITY: True} if wanted else {}


def validate_deletion(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the flags with their defaults. `confirm` must be the identifier when data would be lost for good:
    no final backup, or the backups purged too. Raise InvalidValue, or CiviparoisseError `confirmation_missing`."""
    refuse_unknown(parameters, known=frozenset({*DELETION_FLAGS, "confirm"}))
    flags = {name: read_flag(parameters, name, default=default) for name, default in DELETION_FLAGS.items()}
    checked = {**flags, "confirm": parameters.get("confirm", "")}
    refuse_unconfirmed_loss(instance.identifier, checked)
    return checked


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
