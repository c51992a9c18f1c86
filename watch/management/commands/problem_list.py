"""List what is wrong now, the worst and oldest first: exit code 0 nothing, 1 warnings, 2 something critical.

What nobody has looked at lately is not known to be right: 1 too, and named.
"""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.presentation import format_time
from domain.findings import Level
from operations.commands import DocumentCommand
from watch.documents import ProblemSerializer, list_problems
from watch.rounds import list_unlooked


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "List what is wrong now, the worst and oldest first: exit code 0 nothing, 1 warnings, 2 something critical."
    )
    usage_exit_code = 3
    refusal_exit_code = 3

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the filters."""
        parser.add_argument("--tenant", help=_("only this parish's (its sub-domain)"))
        parser.add_argument("--ended", action="store_true", help=_("those that have ended, the last first"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the problems."""
        unlooked: list[str] = []
        rows = list(list_problems(tenant=options["tenant"], ended=options["ended"])[:500])
        if not options["ended"]:
            levels = {row.level for row in rows}
            unlooked = list_unlooked(now=timezone.now())
            self.exit_code = 2 if Level.CRITICAL.value in levels else 1 if levels or unlooked else 0
        return {"problems": ProblemSerializer(rows, many=True).data, "unlooked": unlooked}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per problem."""
        lines = []
        for row in answer["problems"]:
            level = _("critical") if row["level"] == Level.CRITICAL.value else _("warning")
            since = _("since %(time)s") % {"time": format_time(datetime.fromisoformat(row["since"]))}
            name = f"{row['name']}: " if row["name"] else ""
            lines.append(f"[{level}] {row['id']} {name}{row['title']} ({since})")
        if answer["unlooked"]:
            names = ", ".join(answer["unlooked"])
            lines.append(
                _("Not looked at lately, so not known: %(names)s. Do clock and worker run?") % {"names": names}
            )
        return "\n".join(lines) or _("Nothing is wrong.")
