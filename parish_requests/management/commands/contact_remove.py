"""Remove a contact of a parish at once; what it has open at the door of parishes ends."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, add_asker, find_asker
from parish_requests.contacts import get_contact, remove_contact
from parish_requests.documents import ContactSerializer
from tenants.registry import get_tenant


class Command(DocumentCommand):
    """`contact_remove saint-paul jeanne@example.org`."""

    help: Any = gettext_lazy("Remove a contact of a parish at once; what it has open at the door of parishes ends.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add who."""
        parser.add_argument("tenant", help=_("the parish's sub-domain"))
        parser.add_argument("mail")
        parser.add_argument("--dry-run", action="store_true", help=_("only say who would be removed"))
        add_asker(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return who was removed; in a dry run who would be."""
        find_asker(options, "parish_requests.delete_parishcontact")
        contact = get_contact(get_tenant(options["tenant"]), options["mail"])
        document = dict(ContactSerializer(contact).data)
        if not options["dry_run"]:
            remove_contact(contact, now=timezone.now())
        return {**document, "dry_run": options["dry_run"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return that it is done."""
        if answer["dry_run"]:
            return _("%(name)s <%(mail)s> would be removed from %(tenant)s. Nothing was changed.") % answer
        return _("%(name)s <%(mail)s> is no contact of %(tenant)s any more.") % answer
