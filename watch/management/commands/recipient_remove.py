"""Tell somebody no more; messages that wait go with it."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from watch.documents import RecipientSerializer, get_recipient


class Command(DocumentCommand):
    """`recipient_remove anne`."""

    help: Any = gettext_lazy("Tell somebody no more; messages that wait go with it.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add who."""
        parser.add_argument("name")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return who was removed."""
        recipient = get_recipient(options["name"])
        document = dict(RecipientSerializer(recipient).data)
        recipient.delete()
        return document

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return that it is done."""
        return _("%(name)s is told no more.") % answer
