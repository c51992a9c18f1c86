"""Purge an instance; a final backup is taken first and backups are kept unless said otherwise."""

from typing import Any

from django.core.management.base import CommandParser

from domain.errors import CiviparoisseError
from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    help = "Purge an instance; a final backup is taken first and backups are kept unless said otherwise."
    kind = OperationKind.DELETE

    def add_parameters(self, parser: CommandParser) -> None:
        """Add what a deletion may be asked to lose, and the confirmation."""
        parser.add_argument("--confirm", default="", metavar="IDENTIFIER", help="the identifier once more")
        parser.add_argument("--no-final-backup", action="store_true", help="take no backup first")
        parser.add_argument("--purge-backups", action="store_true", help="purge the backups too")

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the flags; on a dry run the confirmation is taken as given."""
        return {
            "final_backup": not options["no_final_backup"],
            "purge_backups": options["purge_backups"],
            "confirm": options["instance"] if options["dry_run"] else options["confirm"],
        }

    def confirm_request(self, options: dict[str, Any], *, parameters: dict[str, Any]) -> None:
        """Ask for the identifier on a terminal; anywhere else --confirm must give it."""
        if not self.type_identifier(options, parameters=parameters):
            raise CiviparoisseError("confirmation_mismatch", name=options["instance"])
