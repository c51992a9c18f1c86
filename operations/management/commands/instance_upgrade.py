"""Bring an instance to another release; what fails is put back as it was."""

from typing import Any

from django.core.management.base import CommandParser

from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module. `--confirm` is needed only with `--no-safety-backup`."""

    help = "Bring an instance to another release; if that fails, its release and its data are put back as they were."
    kind = OperationKind.UPGRADE

    def add_parameters(self, parser: CommandParser) -> None:
        """Add the release, and the way to refuse the safety backup."""
        parser.add_argument("--release", required=True, metavar="NAME", help="the new release")
        parser.add_argument("--no-safety-backup", action="store_true", help="no copy first, hence no way back")
        parser.add_argument("--confirm", default="", metavar="IDENTIFIER", help="the identifier once more")

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the operation's parameters; on a dry run the confirmation is taken as given."""
        return {
            "release": options["release"],
            "safety_backup": not options["no_safety_backup"],
            "confirm": options["instance"] if options["dry_run"] else options["confirm"],
        }

    def confirm_request(self, options: dict[str, Any], *, parameters: dict[str, Any]) -> None:
        """Ask for the identifier on a terminal when there would be no way back."""
        if not parameters["safety_backup"]:
            self.type_identifier(options, parameters=parameters)
