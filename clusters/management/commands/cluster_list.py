"""List the clusters, with the results of the last looks at them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.documents import list_clusters
from clusters.models import LEVELS, ReportKind
from clusters.parameters import SECRET_FIELDS
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List the clusters, with the results of the last looks at them.")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Return the clusters by name. No secret is read."""
        return {"clusters": [_describe(row) for row in list_clusters().defer(*SECRET_FIELDS)]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per cluster."""
        lines = [
            _("%(name)s: %(instances)s instances, way in %(ingress_kind)s, check %(check)s, drift %(drift)s")
            % {**row, "check": LEVELS.get(row["check"], "-"), "drift": LEVELS.get(row["drift"], "-")}
            for row in answer["clusters"]
        ]
        return "\n".join(lines) or _("No cluster.")


def _describe(row: Any) -> dict[str, Any]:
    levels = {report.kind: report.level for report in row.reports.all()}
    shown = {"name": row.name, "domain": row.domain, "ingress_kind": row.ingress_kind, "instances": row.instance_count}
    return {**shown, **{kind.value: levels.get(kind.value) for kind in ReportKind}}
