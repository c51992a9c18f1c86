"""Record a destination of copies. Nothing is asked of it yet."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.destination_options import DestinationCommand
from offsite.destinations import create_destination
from offsite.documents import RecordedDestinationSerializer
from operations.commands import get_requester


class Command(DestinationCommand):
    """`destination_create strasbourg --kind s3 --bucket copies … --secret-access-key-file -`."""

    help: Any = gettext_lazy("Record a destination of copies. Nothing is asked of it yet.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the name and the parameters."""
        parser.add_argument("destination", help=_("its name: lower-case letters, digits and hyphens"))
        self.add_parameters(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Record it and return it. Raise CiviparoisseError `invalid_destination` or `destination_exists`."""
        data = {**self.read_parameters(options), "name": options["destination"]}
        with transaction.atomic():
            row = create_destination(data, requested_by=get_requester())
            transaction.set_rollback(options["dry_run"])
        answer = dict(RecordedDestinationSerializer(row).data)
        return {"dry_run": options["dry_run"], "destination": answer, "next": f"destination_check {row.name}"}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news and the next command."""
        name = {"name": answer["destination"]["name"]}
        if answer["dry_run"]:
            return _("Destination %(name)s would be recorded.") % name
        next_one = _("Next: manage.py %(command)s") % {"command": answer["next"]}
        return "\n".join((_("Destination %(name)s is recorded.") % name, next_one))
