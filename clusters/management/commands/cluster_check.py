"""Prove that a cluster has what instances need; each miss comes with what to do."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.documents import CheckSerializer
from clusters.inspection import check_cluster
from clusters.models import LEVELS
from clusters.registry import get_cluster
from domain.findings import Level
from operations.commands import DocumentCommand

EXIT_CODES = {Level.OK.value: 0, Level.WARNING.value: 1, Level.CRITICAL.value: 2}


class Command(DocumentCommand):
    """`cluster_check strasbourg`: the exit code is the result; the answer is kept for the other doors."""

    help: Any = gettext_lazy(
        "Prove that a cluster has what instances need. Exit code: 0 in order, 1 warning, 2 critical, 3 no look."
    )
    # 1 and 2 are results; this is none.
    usage_exit_code = refusal_exit_code = 3

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the cluster."""
        parser.add_argument("cluster", help=_("name of the cluster"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Check, and return every finding. Raise NotFound."""
        report = check_cluster(get_cluster(options["cluster"]), now=timezone.now())
        self.exit_code = EXIT_CODES[report.level]
        return CheckSerializer(report).data

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per finding, its hint below, the result last."""
        lines = []
        for finding in answer["findings"]:
            lines.append(f"[{LEVELS[finding['level']]}] {finding['message']}")
            if finding["hint"] and finding["level"] != Level.OK.value:
                lines.append(f"    {finding['hint']}")
        return "\n".join([*lines, f"{answer['cluster']}: {LEVELS[answer['level']]}"])
