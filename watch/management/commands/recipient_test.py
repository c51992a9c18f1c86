"""Send a test message at once, and say whether it was taken."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from watch.documents import RecipientSerializer, get_recipient
from watch.notices.recipients import send_test


class Command(DocumentCommand):
    """`recipient_test anne`."""

    help: Any = gettext_lazy("Send a test message at once, and say whether it was taken.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add who."""
        parser.add_argument("name")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the recipient."""
        recipient = get_recipient(options["name"])
        send_test(recipient, now=timezone.now())
        return dict(RecipientSerializer(recipient).data)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return that it was taken."""
        return _("%(name)s: the message was taken.") % answer
