"""Remove backups that are out of retention, or some by name; the newest good one always stays."""

from typing import Any

from domain.errors import CiviparoisseError
from domain.states import OperationKind
from operations.commands import OperationCommand


class Command(OperationCommand):
    """See the module."""

    kind = OperationKind.PRUNE

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Request it; a dry run that finds nothing to remove has found nothing wrong."""
        try:
            return super().make_answer(options)
        except CiviparoisseError as error:
            if error.code != "nothing_to_prune" or not options["dry_run"]:
                raise
            nothing = {"kind": self.kind, "instance": options["instance"], "parameters": {}, "steps": []}
            return {"dry_run": True, **nothing, "sentences": [error.message]}
