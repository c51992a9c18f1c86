"""Send the mail by which a contact confirms its address again."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, add_asker, find_asker
from parish_requests.contacts import get_contact, resend_confirmation
from parish_requests.documents import ContactSerializer
from tenants.registry import get_tenant


class Command(DocumentCommand):
    """`contact_resend saint-paul jeanne@example.org`."""

    help: Any = gettext_lazy("Send the mail by which a contact confirms its address again.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add who."""
        parser.add_argument("tenant", help=_("the parish's sub-domain"))
        parser.add_argument("mail")
        add_asker(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the contact."""
        find_asker(options, "parish_requests.change_parishcontact")
        contact = get_contact(get_tenant(options["tenant"]), options["mail"])
        return dict(ContactSerializer(resend_confirmation(contact, now=timezone.now())).data)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return that it leaves."""
        return _("A mail to confirm the address leaves for %(mail)s; the link before opens nothing any more.") % answer
