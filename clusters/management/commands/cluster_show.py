"""Show what is recorded of a cluster; never its kubeconfig."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.documents import ClusterSerializer, list_clusters
from clusters.registry import get_cluster
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("Show what is recorded of a cluster; never its kubeconfig.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the cluster."""
        parser.add_argument("cluster", help=_("name of the cluster"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the cluster. Raise NotFound."""
        return ClusterSerializer(list_clusters().get(pk=get_cluster(options["cluster"]).pk)).data

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per parameter."""
        return "\n".join(f"{name:22} {value}" for name, value in answer.items() if value not in ("", None, {}))
