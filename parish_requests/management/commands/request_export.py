"""Print the record of a request as one document for the parish council, in French."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from parish_requests.export import export_record
from parish_requests.selectors import get_request


class Command(DocumentCommand):
    """`request_export K7M2-QX4P > record.txt`."""

    help: Any = gettext_lazy("Print the record of a request as one document for the parish council, in French.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add which one."""
        parser.add_argument("reference")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the document."""
        request = get_request(options["reference"])
        return {"reference": request.reference, "text": export_record(request)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the document alone."""
        return str(answer["text"])
