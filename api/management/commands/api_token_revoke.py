"""Make an API token useless."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.tokens import revoke_token
from domain.errors import CiviparoisseError
from operations.command_words import WordedCommand
from operations.commands import get_requester


class Command(WordedCommand):
    """`api_token_revoke ID`: repeating it changes nothing."""

    help: Any = gettext_lazy("Revoke an API token, for ever.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the identifier, not the token: a token on a command line is read by others."""
        parser.add_argument("token", help=_("identifier of the token, e.g. tk-3f9a1c07 (see api_token_list)"))

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Revoke."""
        try:
            token = revoke_token(options["token"], requested_by=get_requester())
        except CiviparoisseError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{token.public_id} ({token.label}) revoked")
