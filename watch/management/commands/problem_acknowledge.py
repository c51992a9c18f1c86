"""Say that somebody is at a problem: nobody is reminded of it for some days."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, get_requester
from watch.acknowledgement import acknowledge, revoke
from watch.documents import ProblemSerializer, get_problem


class Command(DocumentCommand):
    """`problem_acknowledge 17 --days 3 --reason "the disk is ordered"`."""

    help: Any = gettext_lazy("Say that somebody is at a problem: nobody is reminded of it for some days.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the problem, the time and the reason."""
        parser.add_argument("problem", type=int, help=_("its number, of problem_list"))
        parser.add_argument("--days", type=int, default=3, help=_("for how many days (1 to 31)"))
        parser.add_argument("--reason", default="", help=_("what is done about it"))
        parser.add_argument("--revoke", action="store_true", help=_("remind everybody again"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the problem as it is now."""
        problem = get_problem(options["problem"])
        if options["revoke"]:
            revoke(problem)
        else:
            asked = {"days": options["days"], "reason": options["reason"]}
            acknowledge(problem, **asked, by=get_requester(), now=timezone.now())
        return dict(ProblemSerializer(problem).data)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what holds now."""
        if answer["acknowledged_until"] is None:
            return _("Everybody is reminded of it again.")
        return _("Nobody is reminded of it meanwhile.")
