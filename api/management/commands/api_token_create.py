"""Make an API token and print it, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.tokens import create_token
from domain.errors import CiviparoisseError


class Command(BaseCommand):
    """`api_token_create USER --label TEXT`: the token on stdout, its identifier on stderr."""

    help = "Make an API token for a staff account and print it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the account and the label."""
        parser.add_argument("user", help="name of a staff account")
        parser.add_argument("--label", required=True, help="what will use the token, e.g. “monitoring”")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Create and print."""
        try:
            token, plain = create_token(options["user"], options["label"])
        except CiviparoisseError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{token.public_id} ({token.label}) for {options['user']}; keep it, it is not shown again:")
        self.stdout.write(plain)
