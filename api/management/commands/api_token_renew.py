"""Replace an API token by a new one, and print it, once."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.management.commands.api_token_create import add_limits, describe_made
from api.tokens import renew_token
from domain.errors import CiviparoisseError
from operations.command_words import WordedCommand
from operations.commands import get_requester


class Command(WordedCommand):
    """`api_token_renew ID [--scope operate]… [--days N]`: the new token on stdout; the old one is closed."""

    help: Any = gettext_lazy(
        "Replace an API token by a new one of the same account, label, scopes and parishes, and print it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the identifier and what may be different."""
        parser.add_argument("token", help=_("identifier of the token, e.g. tk-3f9a1c07 (see api_token_list)"))
        add_limits(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Renew and print."""
        try:
            token, plain = renew_token(
                options["token"], scopes=options["scope"], days=options["days"], requested_by=get_requester()
            )
        except CiviparoisseError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(describe_made(token))
        self.stdout.write(plain)
