"""Copy a set anew whose copy is missing or different; what is there is never replaced."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import NotFound
from offsite.copies import copy_again
from offsite.documents import list_copies
from operations.commands import DocumentCommand


class Command(DocumentCommand):
    """`copy_again 20261121T080000Z-5f3a9c strasbourg`."""

    help: Any = gettext_lazy("Copy a set anew whose copy is missing or different; what is there is never replaced.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the set and the destination."""
        parser.add_argument("backup", help=_("identifier of the backup"))
        parser.add_argument("destination", help=_("name of the destination"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Ask for it. Raise NotFound."""
        copy = list_copies(destination=options["destination"]).filter(backup__backup_id=options["backup"]).first()
        if copy is None:
            raise NotFound(what="backup", name=options["backup"])
        copy_again(copy)
        return {"backup": options["backup"], "destination": options["destination"]}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news."""
        return _("%(backup)s is copied to %(destination)s again within minutes.") % answer
