"""Remove copies elsewhere that are out of retention; each destination keeps its newest good one."""

from typing import Any

from domain.errors import CiviparoisseError
from offsite.kinds.prune_copies import PRUNE_COPIES
from operations.commands import OperationCommand


class Command(OperationCommand):
    """`copy_prune saint-paul --dry-run`."""

    kind = PRUNE_COPIES.code

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Request it; a dry run that finds nothing to remove has found nothing wrong."""
        try:
            return super().make_answer(options)
        except CiviparoisseError as error:
            if error.code != "no_copies_to_prune" or not options["dry_run"]:
                raise
            nothing = {"kind": self.kind, "instance": options["instance"], "parameters": {}, "steps": []}
            return {"dry_run": True, **nothing, "sentences": [error.message]}
