"""Read a whole backup back: any directory, without the database, or one the manager knows, through its engine."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from backups.selectors import get_backup
from backups.verification import describe_program_error, verify_backup, verify_directory
from domain.errors import InvalidValue
from domain.words import word_progress
from operations.commands import DocumentCommand
from programs.run.failures import ProgramError


class Command(DocumentCommand):
    """See the module."""

    help = "Read a whole backup back and check it; exit code 0 when it is good, 1 when it is not."

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the set and what to compare it with."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("directory", nargs="?", type=Path, help="directory of a set; needs no database")
        what.add_argument("--backup", metavar="ID", help="a backup the manager knows, where its engine keeps it")
        parser.add_argument("--key-file", type=Path, help="key of the signature; not checked without it (directory)")
        parser.add_argument("--tenant", help="refuse a set of another parish (directory)")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return {good, figures} or {good: false, error}."""
        if options["backup"]:
            for name in ("key_file", "tenant"):
                if options[name]:
                    raise InvalidValue(field=name, reason=_("only with a directory."))
            return {"good": True, **verify_backup(get_backup(options["backup"]))}
        try:
            figures = verify_directory(options["directory"], key_file=options["key_file"], tenant=options["tenant"])
        except ProgramError as error:
            self.exit_code = 1
            return {"good": False, "error": describe_program_error(error)}
        return {"good": True, **figures}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what was read, or the first thing that is wrong."""
        if not answer["good"]:
            error = answer["error"]
            return "\n".join(line for line in (_("not good: %s") % error["message"], error["hint"]) if line)
        figures = {
            _("rows"): answer.get("rows"),
            _("tables"): answer.get("tables"),
            _("files"): answer.get("members"),
            _("bytes"): answer.get("stored_bytes"),
        }
        told = ", ".join(f"{figure} {name}" for name, figure in figures.items() if figure is not None)
        good = _("good: %(backup_id)s (%(figures)s)") % {"backup_id": answer.get("backup_id", "-"), "figures": told}
        return "\n".join([good, *map(word_progress, answer.get("warnings", []))])
