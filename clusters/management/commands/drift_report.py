"""Compare clusters with what they should hold; repair some of it on request."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.documents import make_drift_document
from clusters.drift import DriftReport, look_for_drift, observe_drift, store_drift
from clusters.management.commands.cluster_check import EXIT_CODES
from clusters.models import LEVELS, Cluster
from clusters.registry import get_cluster
from clusters.repair import request_repairs
from domain.findings import find_worst
from operations.commands import DocumentCommand, get_requester, parse_limit
from operations.selectors import get_instance

AT_MOST = 3


class Command(DocumentCommand):
    """`drift_report [--cluster NAME | --instance ID] [--repair --at-most N]`: the exit code is the result."""

    help: Any = gettext_lazy(
        "Compare clusters with what they should hold. Exit code: 0 in order, 1 drift, 2 critical, 3 no look."
    )
    # 1 and 2 are results; this is none.
    usage_exit_code = refusal_exit_code = 3

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what is looked at, and the repair."""
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--cluster", metavar="NAME", help=_("only this cluster; without it, all of them"))
        place.add_argument("--instance", metavar="ID", help=_("only this instance"))
        parser.add_argument(
            "--repair", action="store_true", help=_("ask for a resume of active instances that have drifted")
        )
        parser.add_argument(
            "--at-most",
            type=parse_limit,
            default=AT_MOST,
            metavar="N",
            help=_("repairs at once (default: %(count)s)") % {"count": AT_MOST},
        )

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the reports, and with --repair the instances that will be repaired. Raise NotFound."""
        now = timezone.now()
        reports = _look(options, now)
        repaired: list[str] = []
        if options["repair"]:
            for report in reports:
                repaired += request_repairs(report, at_most=options["at_most"], requested_by=get_requester(), now=now)
        level = find_worst(report.level for report in reports)
        self.exit_code = EXIT_CODES[level.value]
        shown = [
            make_drift_document(report.engine, report.level.value, report.at, store_drift(report)) for report in reports
        ]
        return {"level": level.value, "reports": shown, "repairs_asked": repaired}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per finding and difference, the result of each cluster last."""
        lines = [line for report in answer["reports"] for line in _format_report(report)]
        lines += [_("Asked: resume of %(instance)s.") % {"instance": name} for name in answer["repairs_asked"]]
        return "\n".join(lines) or _("No cluster.")


def _look(options: dict[str, Any], now: Any) -> list[DriftReport]:
    if options["instance"]:
        row = get_instance(options["instance"])
        return [observe_drift(row.engine, now=now, only=row)]
    clusters = [get_cluster(options["cluster"])] if options["cluster"] else list(Cluster.objects.all())
    return [look_for_drift(cluster, now=now) for cluster in clusters]


def _format_report(report: dict[str, Any]) -> list[str]:
    lines = []
    for finding in report["findings"]:
        lines += [f"[{LEVELS[finding['level']]}] {finding['message']}", f"    {finding['hint']}"]
    for row in report["instances"]:
        lines.append(_("%(instance)s: %(count)s differences") % row)
        for difference in row["differences"]:
            wanted, present = (
                _("absent") if difference[name] is None else difference[name] for name in ("wanted", "found")
            )
            place = f"{difference['object']} {difference['path']}".strip()
            lines.append(
                f"    {place}: " + _("%(wanted)s wanted, %(found)s found") % {"wanted": wanted, "found": present}
            )
    counts = {"looked_at": report["looked_at"], "drifted": report["drifted"], "busy": len(report["busy"])}
    summary = _("%(looked_at)s instances compared, %(drifted)s drifted, %(busy)s busy") % counts
    return [*lines, f"{report['cluster']}: {LEVELS[report['level']]} ({summary})"]
