"""Record a contact of a parish; the address is confirmed by a mail."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, add_asker, find_asker
from parish_requests.contacts import add_contact
from parish_requests.documents import ContactSerializer
from tenants.registry import get_tenant


class Command(DocumentCommand):
    """`contact_add saint-paul "Jeanne Weiss" jeanne@example.org`."""

    help: Any = gettext_lazy("Record a contact of a parish; the address is confirmed by a mail.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add who, of which parish, and what the person may do."""
        parser.add_argument("tenant", help=_("the parish's sub-domain"))
        parser.add_argument("name")
        parser.add_argument("mail")
        parser.add_argument("--no-asking", action="store_true", help=_("is only informed, and may not ask"))
        parser.add_argument(
            "--not-informed", action="store_true", help=_("may ask, and is not informed of other requests")
        )
        parser.add_argument("--dry-run", action="store_true", help=_("only say what would be recorded"))
        add_asker(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the contact; in a dry run as it would be."""
        _person, by = find_asker(options, "parish_requests.add_parishcontact")
        with transaction.atomic():
            contact = add_contact(
                get_tenant(options["tenant"]),
                name=options["name"],
                mail=options["mail"],
                may_ask=not options["no_asking"],
                is_informed=not options["not_informed"],
                by=by,
                now=timezone.now(),
            )
            document = dict(ContactSerializer(contact).data)
            if options["dry_run"]:
                transaction.set_rollback(True)
                document["id"] = None
        return {**document, "dry_run": options["dry_run"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what was recorded, and what comes next."""
        if answer["dry_run"]:
            return _("%(name)s <%(mail)s> would be a contact of %(tenant)s. Nothing was changed.") % answer
        return _("%(name)s <%(mail)s> is a contact of %(tenant)s once the address has answered our mail.") % answer
