"""Read backups back whole: any directory, without the database, or those of an instance, as an operation."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.kinds.verify import VERIFY
from backups.verification import describe_program_error, verify_directory
from domain.errors import InvalidValue
from domain.words import word_progress
from operations.commands import OperationCommand
from programs.run.failures import ProgramError

OF_DIRECTORIES = ("key_file", "tenant")


class Command(OperationCommand):
    """See the module. A directory is told from an instance by being there, or by its slash."""

    kind = VERIFY.code
    subject_help: Any = gettext_lazy(
        "identifier of the instance whose backups are read; or the directory of a set, read without database"
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what every operation takes, and what a directory is compared with."""
        super().add_own_arguments(parser)
        parser.add_argument("--key-file", type=Path, help=_("key of the signature; not checked without it (directory)"))
        parser.add_argument("--tenant", help=_("refuse a set of another parish (directory)"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the operation; of a directory {good, figures} or {good: false, error}."""
        directory = Path(options["instance"])
        if options["backup"] or not (directory.is_dir() or directory.name != options["instance"]):
            for name in OF_DIRECTORIES:
                if options[name]:
                    raise InvalidValue(field=name, reason=_("only with a directory."))
            return super().make_answer(options)
        try:
            figures = verify_directory(directory, key_file=options["key_file"], tenant=options["tenant"])
        except ProgramError as error:
            self.exit_code = 1
            return {"good": False, "error": describe_program_error(error)}
        return {"good": True, **figures}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return how the operation stands; of a directory what was read, or the first thing that is wrong."""
        if "good" not in answer:
            return super().format_answer(answer)
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
