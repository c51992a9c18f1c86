"""Create an instance: volumes, databases, site, servers."""

from typing import Any

from django.core.management.base import CommandParser

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module. It is refused where no node has room for it."""

    help = "Create an instance: volumes, databases, site, servers."
    kind = OperationKind.PROVISION

    def add_parameters(self, parser: CommandParser) -> None:
        """Add whether it may be more than the place can hold."""
        parser.add_argument("--over-capacity", action="store_true", help="also when no node seems to have room for it")

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return whether it may be more than the place can hold."""
        return {"over_capacity": options["over_capacity"]}
