"""List copies elsewhere and what became of each."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.documents import CopySerializer, list_copies
from offsite.models import CopyState
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """`copy_list --instance saint-paul`."""

    help: Any = gettext_lazy("List copies elsewhere and what became of each.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what narrows the list."""
        parser.add_argument("--instance", help=_("only of this instance"))
        parser.add_argument("--destination", help=_("only at this destination"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the copies, those of the newest sets first."""
        rows = list_copies(instance=options["instance"], destination=options["destination"])
        return {"copies": list(CopySerializer(rows, many=True).data)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per copy, its error below."""
        lines = []
        for row in answer["copies"]:
            lines.append(f"{row['backup']} {row['instance']} → {row['destination']}: {CopyState(row['state']).label}")
            if row["error"]:
                lines.append(f"    {row['error']['message']} {row['error']['hint']}")
        return "\n".join(lines) or _("No copy.")
