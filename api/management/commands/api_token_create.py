"""Make an API token and print it, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import ApiToken, TokenScope
from api.tokens import create_token
from domain.errors import CiviparoisseError
from operations.command_words import WordedCommand


class Command(WordedCommand):
    """`api_token_create USER --label TEXT [--scope write] [--days N]`: the token on stdout, what it is on stderr."""

    help: Any = gettext_lazy("Make an API token for a staff account and print it. It cannot be shown again.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the account and the label."""
        parser.add_argument("user", help=_("name of a staff account"))
        parser.add_argument("--label", required=True, help=_("what will use the token, e.g. “monitoring”"))
        add_limits(parser, scope=TokenScope.READ)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Create and print."""
        try:
            token, plain = create_token(options["user"], options["label"], scope=options["scope"], days=options["days"])
        except CiviparoisseError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(describe_made(token))
        self.stdout.write(plain)


def add_limits(parser: CommandParser, *, scope: str | None) -> None:
    """Add what a token may be used for, and how long."""
    parser.add_argument(
        "--scope",
        choices=TokenScope.values,
        default=scope,
        help=_("read (default of a new one), or write: also change"),
    )
    parser.add_argument(
        "--days",
        type=int,
        default=None,
        help=_("until its end, at most %(most)s (default: %(days)s)")
        % {"most": settings.API_TOKEN_MOST_DAYS, "days": settings.API_TOKEN_DAYS},
    )


def describe_made(token: ApiToken) -> str:
    """Return the line for people beside a new token; the token is not in it."""
    end = token.expires_at.date().isoformat() if token.expires_at else "-"
    return (
        f"{token.public_id} ({token.label}) for {token.user.get_username()}, {token.scope}, until {end}; "
        "keep it, it is not shown again:"
    )
