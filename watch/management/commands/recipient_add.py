"""Record somebody who is told of problems: a person by mail, a program by a signed webhook."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.findings import Level
from operations.commands import DocumentCommand
from watch.documents import RecipientSerializer
from watch.models import Recipient, RecipientKind
from watch.notices.recipients import add_recipient


class Command(DocumentCommand):
    """`recipient_add anne anne@example.org`; `recipient_add desk https://desk.example.org/in --webhook`."""

    help: Any = gettext_lazy(
        "Record somebody who is told of problems: a person by mail, a program by a signed webhook."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add who and where."""
        parser.add_argument("name")
        parser.add_argument("address", help=_("a mail address; with --webhook an address that begins with https://"))
        parser.add_argument(
            "--webhook", action="store_true", help=_("a program, told by POST; its secret is shown once")
        )
        parser.add_argument("--critical", action="store_true", help=_("only of what is critical"))
        parser.add_argument("--no-digest", action="store_true", help=_("without the daily digest"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the recipient, of a webhook with its secret."""
        recipient = add_recipient(
            Recipient(
                name=options["name"],
                kind=(RecipientKind.WEBHOOK if options["webhook"] else RecipientKind.MAIL).value,
                address=options["address"],
                least_level=(Level.CRITICAL if options["critical"] else Level.WARNING).value,
                has_digest=not options["no_digest"],
            )
        )
        return {**RecipientSerializer(recipient).data, "secret": recipient.secret or None}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what was recorded."""
        lines = [_("%(name)s is told at %(address)s.") % answer]
        if answer["secret"]:
            lines.append(_("The signing secret is shown once: %(secret)s") % answer)
        return "\n".join(lines)
