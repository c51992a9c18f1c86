"""Forget a cluster on which no instance is recorded. Nothing on it is touched."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clusters.registry import delete_cluster, get_cluster
from domain.errors import CiviparoisseError
from operations.commands import DocumentCommand, get_requester


class Command(DocumentCommand):
    """`cluster_delete strasbourg --confirm strasbourg`: refused while an instance is recorded on it."""

    help: Any = gettext_lazy("Forget a cluster on which no instance is recorded. Nothing on it is touched.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the cluster, the confirmation and --dry-run."""
        parser.add_argument("cluster", help=_("name of the cluster"))
        parser.add_argument("--confirm", default="", metavar="CLUSTER", help=_("the name once more"))
        parser.add_argument("--dry-run", action="store_true", help=_("say whether it could be deleted, write nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Delete. Raise NotFound, CiviparoisseError `cluster_in_use` or `confirmation_mismatch`."""
        name, is_dry = options["cluster"], options["dry_run"]
        with transaction.atomic():
            cluster = get_cluster(name)
            if not is_dry and options["confirm"] != name:
                raise CiviparoisseError("confirmation_mismatch", name=name)
            delete_cluster(cluster, requested_by=get_requester())
            transaction.set_rollback(is_dry)
        return {"dry_run": is_dry, "cluster": name, "deleted": not is_dry}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what happened."""
        if answer["dry_run"]:
            return _("Cluster %(cluster)s would be forgotten.") % answer
        return _("Cluster %(cluster)s is forgotten; nothing on it was touched.") % answer
