"""List operations, newest first."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, format_operation, parse_limit
from operations.documents import OperationSerializer
from operations.registry import list_kinds
from operations.selectors import get_instance, list_operations


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("List operations, newest first.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the filters."""
        parser.add_argument("--instance", help=_("only this instance's"))
        parser.add_argument("--kind", choices=[kind.code for kind in list_kinds()])
        parser.add_argument("--active", action="store_true", help=_("only those that have not ended"))
        parser.add_argument("--limit", type=parse_limit, default=50, help=_("how many at most"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the operations."""
        subject = options["instance"]
        # Operations outlive the row of their instance; a name that neither has is a slip.
        if subject and not list_operations(instance=subject).exists():
            get_instance(subject)
        rows = list_operations(instance=subject, kind=options["kind"], active=options["active"])
        return {"operations": list(OperationSerializer(rows[: options["limit"]], many=True).data)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per operation."""
        return "\n".join(map(_format_line, answer["operations"])) or _("No operation.")


def _format_line(operation: dict[str, Any]) -> str:
    """Return an operation with when it was asked, in local time, and by whom."""
    asked = localtime(datetime.fromisoformat(operation["created_at"]))
    return f"{date_format(asked, 'SHORT_DATETIME_FORMAT')} {operation['requested_by']} {format_operation(operation)}"
