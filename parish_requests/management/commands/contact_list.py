"""List the contacts of parishes."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from parish_requests.documents import ContactSerializer, list_contacts
from tenants.registry import get_tenant


class Command(DocumentCommand):
    """`contact_list saint-paul`; without a parish all of them."""

    help: Any = gettext_lazy("List the contacts of parishes.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what narrows the list."""
        parser.add_argument("tenant", nargs="?", help=_("the parish's sub-domain"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the contacts."""
        slug = get_tenant(options["tenant"]).slug if options["tenant"] else None
        return {"contacts": ContactSerializer(list_contacts(slug), many=True).data}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per contact."""
        lines = []
        for row in answer["contacts"]:
            roles = [_("may ask")] * row["may_ask"] + [_("is informed")] * row["is_informed"]
            if row["confirmed_at"] is None:
                roles.append(_("address not confirmed"))
            lines.append(f"{row['tenant']}  {row['name']} <{row['mail']}>  {', '.join(roles)}")
        return "\n".join(lines) or _("There are no contacts.")
