"""Ask an operation to stop before its next step."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, add_asker, find_asker, format_operation
from operations.documents import OperationSerializer
from operations.permissions import CANCEL
from operations.requests import request_cancel
from operations.selectors import get_operation


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("Ask an operation to stop before its next step.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the operation."""
        parser.add_argument("operation", help=_("identifier of the operation, e.g. op-3f9a1c07be"))
        add_asker(parser)

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Ask, and return the operation."""
        _person, requester = find_asker(options, CANCEL)
        operation = request_cancel(get_operation(options["operation"]), requested_by=requester)
        return OperationSerializer(operation).data

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return how the operation stands."""
        return format_operation(answer)
