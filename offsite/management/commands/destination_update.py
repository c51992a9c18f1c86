"""Change a destination of copies; what is not named keeps its value."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.destination_options import DestinationCommand
from offsite.destinations import get_destination, update_destination
from offsite.documents import RecordedDestinationSerializer, describe_retirement
from operations.commands import get_requester


class Command(DestinationCommand):
    """`destination_update strasbourg --enabled no`."""

    help: Any = gettext_lazy("Change a destination of copies; what is not named keeps its value.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the name and the parameters."""
        parser.add_argument("destination", help=_("name of the destination"))
        self.add_parameters(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Record the change. Raise NotFound or CiviparoisseError `invalid_destination`."""
        with transaction.atomic():
            row = get_destination(options["destination"])
            was_enabled = row.enabled
            row = update_destination(row, self.read_parameters(options), requested_by=get_requester())
            transaction.set_rollback(options["dry_run"])
        lost = describe_retirement(row) if was_enabled and not row.enabled else []
        return {
            "dry_run": options["dry_run"],
            "destination": RecordedDestinationSerializer(row).data,
            "if_retired": lost,
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the news."""
        name = {"name": answer["destination"]["name"]}
        text = (
            _("Destination %(name)s would be changed.") if answer["dry_run"] else _("Destination %(name)s is changed.")
        )
        return "\n".join([text % name, *answer["if_retired"]])
