"""Tell which sizes would be enough and what is no longer used; follow one recommendation."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError
from finops.advice.documents import RecommendationSerializer, WasteSerializer
from finops.advice.findings import list_findings
from finops.advice.recommendations import (
    Recommendation,
    follow_recommendation,
    get_recommendation,
    list_recommendations,
    propose_plan,
)
from finops.pages.savings_view import make_finding_rows, make_recommendation_rows
from operations.commands import DocumentCommand, format_operation, get_requester, parse_limit
from operations.documents import OperationSerializer


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Tell which sizes would be enough, with the evidence; --apply asks for the resize that follows one."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the instance, the window, and the way to follow it."""
        parser.add_argument("instance", nargs="?", help=_("only this instance's"))
        parser.add_argument("--days", type=parse_limit, default=14, help=_("how many days are looked at"))
        parser.add_argument("--apply", action="store_true", help=_("ask for the resize of INSTANCE"))
        parser.add_argument(
            "--dry-run", action="store_true", help=_("with --apply: say what would be asked, write nothing")
        )

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the advice and the findings, or the operation that was asked for."""
        now, name = timezone.now(), options["instance"]
        if options["apply"]:
            if name is None:
                raise CiviparoisseError("command_line_invalid")
            advice = get_recommendation(name, now=now, days=options["days"])
            if options["dry_run"]:
                plan = propose_plan(advice).name
                return {"dry_run": True, "proposed_plan": plan, **RecommendationSerializer(advice).data}
            operation = follow_recommendation(advice, requested_by=get_requester(), now=now)
            return {"operation": OperationSerializer(operation).data}
        if name is not None:
            get_recommendation(name, now=now, days=options["days"])
        self.advice = list_recommendations(now=now, days=options["days"], instance=name)
        self.findings = [finding for finding in list_findings(now=now) if name in (None, finding.waste.instance)]
        return {
            "recommendations": list(RecommendationSerializer(self.advice, many=True).data),
            "findings": list(WasteSerializer(self.findings, many=True).data),
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line a recommendation and a finding."""
        if "operation" in answer:
            return format_operation(answer["operation"])
        if answer.get("dry_run"):
            return _("%(instance)s would get the plan %(proposed_plan)s.") % answer
        changes: list[Recommendation] = [recommendation for recommendation in self.advice if recommendation.is_change]
        lines = [f"{row['name']}: {row['text']} ({row['amount']})" for row in make_recommendation_rows(changes)]
        for row in make_finding_rows(self.findings):
            lines += [f"{row['name']}: {row['text']} ({row['amount']})", f"    {row['command']}"]
        return "\n".join(lines) or _("Nothing to recommend.")
