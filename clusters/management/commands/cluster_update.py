"""Change what is recorded of a cluster, e.g. its kubeconfig when a token is replaced."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.cluster_options import ClusterCommand
from clusters.documents import ClusterSerializer, list_clusters
from clusters.registry import get_cluster, update_cluster
from operations.commands import get_requester


class Command(ClusterCommand):
    """`cluster_update strasbourg --kubeconfig-file -`: what is not given stays as it is."""

    help: Any = gettext_lazy("Change what is recorded of a cluster; what is not given stays as it is.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the name and the parameters."""
        parser.add_argument("cluster", help=_("name of the cluster"))
        self.add_parameters(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Change the cluster and return it. Raise NotFound or CiviparoisseError `invalid_cluster`."""
        with transaction.atomic():
            cluster = get_cluster(options["cluster"])
            changed = update_cluster(cluster, self.read_parameters(options), requested_by=get_requester())
            answer = dict(ClusterSerializer(list_clusters().get(pk=changed.pk)).data)
            transaction.set_rollback(options["dry_run"])
        return {"dry_run": options["dry_run"], "cluster": answer, "next": f"cluster_check {cluster.name}"}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news and the next command."""
        name = str(answer["cluster"]["name"])
        if answer["dry_run"]:
            return _("Cluster %(name)s would be changed.") % {"name": name}
        changed = _("Cluster %(name)s is changed; instances take it up when they are next applied.") % {"name": name}
        return "\n".join((changed, _("Next: manage.py %(command)s") % {"command": answer["next"]}))
