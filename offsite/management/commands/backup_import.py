"""Take sets that another manager made, or that this one lost, into the backups of the instances that they name."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.verification import describe_program_error
from domain.errors import CiviparoisseError
from domain.words import word_progress
from offsite.import_trust import Trust
from offsite.importing import Imported, import_set, list_set_directories
from operations.commands import DocumentCommand, get_requester
from operations.selectors import make_error
from programs.run.failures import ProgramError

OUTCOMES = {
    "imported": gettext_lazy("%(set)s: imported into %(instance)s (%(trust)s), and pinned"),
    "importable": gettext_lazy("%(set)s: would be imported into %(instance)s (%(trust)s), and pinned"),
    "known": gettext_lazy("%(set)s: is a good backup of %(instance)s already; nothing was done"),
}
TRUSTS = {
    Trust.SIGNED: gettext_lazy("signed with its own key"),
    Trust.COUNTERSIGNED: gettext_lazy("countersigned by this manager"),
    Trust.ACCEPTED: gettext_lazy("without a known signature, accepted"),
}


class Command(DocumentCommand):
    """`backup_import /mnt/old/backups --dry-run`, then without it."""

    help: Any = gettext_lazy(
        "Take sets that another manager made, or that this one lost, into the backups of the instances that they name."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the place, what is accepted, and the dry run."""
        parser.add_argument("place", type=Path, help=_("directory of one set, or of several (a volume of backups)"))
        parser.add_argument(
            "--accept-unsigned",
            default="",
            metavar="INSTANCE",
            help=_("take sets of this instance that nobody known vouches for too"),
        )
        parser.add_argument("--dry-run", action="store_true", help=_("read every set whole and say it, write nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Import the sets one by one; one that is refused stops no other, and makes the exit code 1."""
        sets = [self._import(path, options) for path in list_set_directories(options["place"])]
        self.exit_code = int(any(one["outcome"] == "refused" for one in sets))
        return {"dry_run": options["dry_run"], "sets": sets}

    def _import(self, path: Path, options: dict[str, Any]) -> dict[str, Any]:
        try:
            imported = import_set(
                path,
                accepted=options["accept_unsigned"],
                dry_run=options["dry_run"],
                requested_by=get_requester(),
                now=timezone.now(),
            )
        except ProgramError as error:
            return {"set": path.name, "outcome": "refused", "error": describe_program_error(error)}
        except CiviparoisseError as error:
            return {"set": path.name, "outcome": "refused", "error": make_error(error.code, error.params)}
        return {"set": path.name, **_describe(imported, dry_run=options["dry_run"])}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per set, and below what is to be known of it."""
        return "\n".join(line for one in answer["sets"] for line in _format(one))


def _describe(imported: Imported, *, dry_run: bool) -> dict[str, Any]:
    outcome = "known" if imported.known else "importable" if dry_run else "imported"
    return {
        "outcome": outcome,
        "backup": imported.backup_id,
        "instance": imported.instance,
        "trust": imported.trust,
        "warnings": list(imported.warnings),
    }


def _format(one: dict[str, Any]) -> list[str]:
    if one["outcome"] == "refused":
        error = one["error"]
        names = {"set": one["set"], "reason": error["message"]}
        return [_("%(set)s: refused: %(reason)s") % names, *(["  " + error["hint"]] if error["hint"] else [])]
    trust = str(TRUSTS[one["trust"]]) if one["trust"] else ""
    told = str(OUTCOMES[one["outcome"]]) % {**one, "trust": trust}
    return [told, *("  " + word_progress(text) for text in one["warnings"])]
