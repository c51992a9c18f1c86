"""Prove what a destination does, by doing it; each miss comes with what to do."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.findings import Level
from offsite.checking import check_destination
from offsite.destinations import get_destination
from offsite.documents import DestinationCheckSerializer
from operations.commands import DocumentCommand

EXIT_CODES = {Level.OK.value: 0, Level.WARNING.value: 1, Level.CRITICAL.value: 2}


class Command(DocumentCommand):
    """`destination_check strasbourg`: the exit code is the result; the answer is kept for the other doors."""

    help: Any = gettext_lazy("Prove what a destination does. Exit code: 0 in order, 1 warning, 2 critical, 3 no look.")
    # 1 and 2 are results; this is none.
    usage_exit_code = refusal_exit_code = 3

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the destination."""
        parser.add_argument("destination", help=_("name of the destination"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Check, and return every finding. Raise NotFound."""
        row = get_destination(options["destination"])
        check_destination(row, now=timezone.now())
        self.exit_code = EXIT_CODES[row.level]
        return dict(DestinationCheckSerializer(row).data)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per finding, its hint below."""
        lines = []
        for finding in answer["findings"]:
            lines.append(f"[{finding['level']}] {finding['message']}")
            if finding["hint"]:
                lines.append(f"    {finding['hint']}")
        return "\n".join([*lines, f"{answer['destination']}: {answer['level']}"])
