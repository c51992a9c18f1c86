"""Record the contacts of a table (CSV), all or none."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError
from operations.commands import DocumentCommand, add_asker, find_asker
from parish_requests.contact_files import import_contacts, read_contacts

MOST_BYTES = 2 * 1024 * 1024


class Command(DocumentCommand):
    """`contact_import contacts.csv --dry-run`; columns: tenant, name, mail, may_ask, is_informed."""

    help: Any = gettext_lazy("Record the contacts of a table (CSV), all or none.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, help=_("columns: tenant, name, mail; may_ask, is_informed (yes or no)"))
        parser.add_argument("--dry-run", action="store_true", help=_("only say what would be recorded"))
        add_asker(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return how many are new, and how many the parishes have already."""
        _person, by = find_asker(options, "parish_requests.add_parishcontact")
        lines = read_contacts(_read(options["file"]))
        if not options["dry_run"]:
            import_contacts(lines, by=by, now=timezone.now())
        known = sum(line.is_known for line in lines)
        return {"new": len(lines) - known, "known": known, "dry_run": options["dry_run"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the counts."""
        if answer["dry_run"]:
            return _("New contacts: %(new)s, known already: %(known)s. Nothing was changed.") % answer
        return _("New contacts: %(new)s, known already: %(known)s. Each new one is asked by a mail.") % answer


def _read(path: Path) -> str:
    """Return the text of the file. Raise CiviparoisseError `contact_file_invalid`."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CiviparoisseError("contact_file_invalid", count=1, summary="\n- " + _("the file is too large"))
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        detail = getattr(error, "strerror", "") or _("it is not UTF-8")
        raise CiviparoisseError("contact_file_invalid", count=1, summary=f"\n- {path}{_(':')} {detail}") from None
