"""Put a backup back into its instance, or into a copy."""

from typing import Any

from django.core.management.base import CommandParser

from backups.models import BackupScope
from domain.errors import CiviparoisseError
from domain.specs import DATABASES
from domain.states import OperationKind
from operations.commands import OperationCommand
from operations.selectors import get_instance


class Command(OperationCommand):
    """See the module. The operation is that of the instance that gets overwritten."""

    help = "Put a backup back into its instance, or with --target into a copy of the same parish."
    kind = OperationKind.RESTORE

    def add_parameters(self, parser: CommandParser) -> None:
        """Add which backup, what of it, where to, and the confirmation."""
        parser.add_argument("--backup", required=True, metavar="ID", help="a good backup of the instance")
        parser.add_argument("--scope", choices=BackupScope.values, help="that of the backup if not given")
        parser.add_argument("--database", choices=DATABASES, help="only this database")
        parser.add_argument("--target", metavar="INSTANCE", help="overwrite this copy and leave INSTANCE as it is")
        parser.add_argument("--no-safety-backup", action="store_true", help="no copy first, hence no way back")
        parser.add_argument("--confirm", default="", metavar="IDENTIFIER", help="what gets overwritten, once more")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Request the operation on what gets overwritten."""
        get_instance(options["instance"])
        overwritten = options["target"] or options["instance"]
        return super().make_answer({**options, "source": options["instance"], "instance": overwritten})

    def make_parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the operation's parameters; on a dry run the confirmation is taken as given."""
        return {
            "backup_id": options["backup"],
            "source": options["source"],
            "scope": options["scope"] or "",
            "database": options["database"] or "",
            "safety_backup": not options["no_safety_backup"],
            "confirm": options["instance"] if options["dry_run"] else options["confirm"],
        }

    def confirm_request(self, options: dict[str, Any], *, parameters: dict[str, Any]) -> None:
        """Ask for the identifier on a terminal; anywhere else --confirm must give it."""
        if not self.type_identifier(options, parameters=parameters):
            raise CiviparoisseError("restore_unconfirmed", instance=options["instance"])
