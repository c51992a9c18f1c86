"""Remove backups that are out of retention, or some by name; the newest good one always stays."""

from typing import Any

from django.core.management.base import CommandParser

from domain.errors import CiviparoisseError
from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    help = "Remove backups that are out of retention, or some by name; the newest good one always stays."
    kind = OperationKind.PRUNE

    def add_parameters(self, parser: CommandParser) -> None:
        """Add which backups, and the confirmation."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--older-than-days", type=int, metavar="N", help="age; CIVIPAROISSE_BACKUP_RETENTION_DAYS if not given"
        )
        which.add_argument("--backup", action="append", metavar="ID", help="this one; may be repeated")
        parser.add_argument("--confirm", default="", metavar="IDENTIFIER", help="the identifier once more")

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the operation's parameters; on a dry run the confirmation is taken as given."""
        chosen = {"older_than_days": options["older_than_days"], "backup_ids": options["backup"]}
        confirm = options["instance"] if options["dry_run"] else options["confirm"]
        return {**{name: value for name, value in chosen.items() if value is not None}, "confirm": confirm}

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Request it; a dry run that finds nothing to remove has found nothing wrong."""
        try:
            return super().make_answer(options)
        except CiviparoisseError as error:
            if error.code != "nothing_to_prune" or not options["dry_run"]:
                raise
            nothing = {"kind": self.kind, "instance": options["instance"], "parameters": {}, "steps": []}
            return {"dry_run": True, **nothing, "sentences": [error.message]}

    def confirm_request(self, options: dict[str, Any], *, parameters: dict[str, Any]) -> None:
        """Ask for the identifier on a terminal; what is asked without it is refused when it is requested."""
        self.type_identifier(options, parameters=parameters)
