"""Record a cluster, so that instances can run on it. Nothing on it is touched."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.cluster_options import ClusterCommand
from clusters.documents import ClusterSerializer, list_clusters
from clusters.registry import create_cluster
from operations.commands import get_requester


class Command(ClusterCommand):
    """`cluster_create strasbourg --kubeconfig-file PATH`; without it, the cluster that the manager runs in."""

    help: Any = gettext_lazy("Record a cluster, so that instances can run on it. Nothing on it is touched.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the name and the parameters."""
        parser.add_argument("cluster", help=_("its name: lower-case letters, digits and hyphens"))
        self.add_parameters(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Record the cluster and return it. Raise CiviparoisseError `invalid_cluster` or `cluster_exists`."""
        with transaction.atomic():
            cluster = create_cluster(self.read_parameters(options), requested_by=get_requester())
            answer = dict(ClusterSerializer(list_clusters().get(pk=cluster.pk)).data)
            transaction.set_rollback(options["dry_run"])
        return {"dry_run": options["dry_run"], "cluster": answer, "next": f"cluster_check {cluster.name}"}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news and the next command."""
        name = str(answer["cluster"]["name"])
        if answer["dry_run"]:
            return _("Cluster %(name)s would be recorded.") % {"name": name}
        recorded = _("Cluster %(name)s is recorded.") % {"name": name}
        return "\n".join((recorded, _("Next: manage.py %(command)s") % {"command": answer["next"]}))
