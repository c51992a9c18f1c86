"""Forget a destination where no copy is recorded; nothing there is touched."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.destinations import delete_destination, get_destination
from operations.commands import DocumentCommand, get_requester


class Command(DocumentCommand):
    """`destination_delete strasbourg`."""

    help: Any = gettext_lazy("Forget a destination where no copy is recorded; nothing there is touched.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the name."""
        parser.add_argument("destination", help=_("name of the destination"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Forget it. Raise NotFound or CiviparoisseError `destination_in_use`."""
        delete_destination(get_destination(options["destination"]), requested_by=get_requester())
        return {"destination": options["destination"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news."""
        return _("Destination %(name)s is forgotten.") % {"name": answer["destination"]}
