"""Purge an instance; a final backup is taken first and backups are kept unless said otherwise."""

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from domain.states import OperationKind
from operations.commands import OperationCommand
from operations.requests import describe_operation
from operations.selectors import get_instance


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
        identifier = options["instance"]
        if not parameters["confirm"] and sys.stdin.isatty() and not options["as_json"]:
            instance = get_instance(identifier)
            plan = describe_operation(
                kind=self.kind, instance=instance, parameters={**parameters, "confirm": identifier}
            )
            self.stdout.write("\n".join(plan.sentences))
            parameters["confirm"] = input(_("Type %(instance)s to go on: ") % {"instance": identifier}).strip()
        if parameters["confirm"] != identifier:
            raise CiviparoisseError("confirmation_mismatch", name=identifier)
