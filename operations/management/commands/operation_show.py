"""Show one operation with its steps and its log."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.journal_texts import word_entry
from domain.words import word
from operations.commands import DocumentCommand, format_operation
from operations.documents import EventSerializer, OperationSerializer
from operations.selectors import get_operation


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("Show one operation with its steps and its log.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the operation."""
        parser.add_argument("operation", help=_("identifier of the operation, e.g. op-3f9a1c07be"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the operation and its events."""
        operation = get_operation(options["operation"])
        events = EventSerializer(operation.events.all(), many=True).data
        return {**OperationSerializer(operation).data, "events": list(events)}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the operation, a line per step, then the log."""
        lines = [format_operation(answer)]
        lines += [
            f"  {word('state', step['state']):10} {step['label']} {step['message']}".rstrip()
            for step in answer["steps"]
        ]
        for event in answer["events"]:
            at = localtime(datetime.fromisoformat(event["at"]))
            words = (f"{at:%Y-%m-%d %H:%M:%S}", word("step", event["step"]), word_entry(event["message"]))
            lines.append(" ".join(filter(None, words)))
        return "\n".join(lines)
