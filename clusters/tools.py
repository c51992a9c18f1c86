"""What opening the tools takes and says, and where it is refused. Nothing is written."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from engine.registry import get_engine
from operations.declared_parameters import Parameter, ParameterType
from tenants.models import Instance

MOST_MINUTES = 60
TOOLS_PARAMETERS = (
    Parameter(
        name="minutes",
        type=ParameterType.NUMBER,
        default=MOST_MINUTES,
        most=MOST_MINUTES,
        summary=gettext_noop("For how many minutes, an hour at most (default)."),
        label=gettext_lazy("Minutes"),
        help=gettext_lazy("It ends by itself after that; cancelling the operation ends it at once."),
    ),
)


def refuse_without_pods(instance: Instance, _parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError `tools_on_machine` where the instance has no pods: there is nothing to enter."""
    get_engine(instance.engine).make_tools_command(instance.identifier, "tools")


def describe_tools(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what opening the tools does, in sentences."""
    names = {"instance": instance.identifier, "minutes": parameters["minutes"]}
    return [
        _("A pod with drush and cv, the files and the database of %(instance)s waits for you for %(minutes)s minutes.")
        % names,
        _("The operation shows the command line that leads into it; what is done there is done to the live site."),
        _("Nothing else can be asked of the instance meanwhile; cancelling the operation ends the pod at once."),
    ]
