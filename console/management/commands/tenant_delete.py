"""Delete a parish whose instances are purged; its sub-domain is free again."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError
from operations.commands import DocumentCommand, get_requester
from tenants.registry import delete_tenant, get_tenant


class Command(DocumentCommand):
    """`tenant_delete saint-paul --confirm saint-paul`: refused while an instance or a backup is left."""

    help: Any = gettext_lazy(
        "Delete a parish whose instances are purged and whose backups are gone; its sub-domain is free again."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the parish, the confirmation and --dry-run."""
        parser.add_argument("tenant", help=_("sub-domain of the parish"))
        parser.add_argument("--confirm", default="", metavar="TENANT", help=_("the sub-domain once more"))
        parser.add_argument("--dry-run", action="store_true", help=_("say whether it could be deleted, write nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Delete. Raise NotFound, CiviparoisseError `tenant_in_use` or `confirmation_mismatch`."""
        slug, is_dry = options["tenant"], options["dry_run"]
        with transaction.atomic():
            tenant = get_tenant(slug)
            if not is_dry and options["confirm"] != tenant.slug:
                raise CiviparoisseError("confirmation_mismatch", name=tenant.slug)
            delete_tenant(tenant, requested_by=get_requester())
            transaction.set_rollback(is_dry)
        return {"dry_run": is_dry, "tenant": slug, "deleted": not is_dry}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what happened."""
        if answer["dry_run"]:
            return _("Parish %(tenant)s would be deleted.") % answer
        return _("Parish %(tenant)s is deleted; its sub-domain is free.") % answer
