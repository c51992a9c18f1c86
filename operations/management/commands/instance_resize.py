"""Give an instance another plan: other sizes, the same data."""

from typing import Any

from django.core.management.base import CommandParser

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module. A resize to the earlier plan undoes it, unless volumes have grown."""

    help = "Give an instance another plan: other sizes, the same data. Volumes grow, and never shrink."
    kind = OperationKind.RESIZE

    def add_parameters(self, parser: CommandParser) -> None:
        """Add the plan."""
        parser.add_argument("--plan", required=True, metavar="NAME", help="the new plan")
        parser.add_argument("--over-capacity", action="store_true", help="also when no node seems to have room for it")

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the plan, and whether it may be more than the place can hold."""
        return {"plan": options["plan"], "over_capacity": options["over_capacity"]}
