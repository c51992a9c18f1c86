"""List the clusters, with the results of the last looks at them."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from clusters.models import LEVELS, Cluster, ReportKind
from operations.commands import DocumentCommand
from tenants.models import Instance


class Command(DocumentCommand):
    """See the module."""

    help = "List the clusters, with the results of the last looks at them."

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Return the clusters by name. No secret is read."""
        counts = dict(Instance.objects.values_list("engine").annotate(number=Count("pk")).order_by())
        rows = Cluster.objects.defer("kubeconfig", "image_pull_config").prefetch_related("reports")
        return {"clusters": [_describe(row, counts.get(row.name, 0)) for row in rows]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per cluster."""
        lines = [
            _("%(name)s: %(instances)s instances, way in %(ingress_kind)s, check %(check)s, drift %(drift)s")
            % {**row, "check": LEVELS.get(row["check"], "-"), "drift": LEVELS.get(row["drift"], "-")}
            for row in answer["clusters"]
        ]
        return "\n".join(lines) or _("No cluster.")


def _describe(row: Cluster, instances: int) -> dict[str, Any]:
    levels = {report.kind: report.level for report in row.reports.all()}
    shown = {"name": row.name, "domain": row.domain, "ingress_kind": row.ingress_kind, "instances": instances}
    return {**shown, **{kind.value: levels.get(kind.value) for kind in ReportKind}}
