"""Make an API token and print it, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import ApiToken, TokenScope
from api.tokens import create_token, join_some
from domain.errors import CiviparoisseError
from operations.command_words import WordedCommand
from operations.commands import get_requester


class Command(WordedCommand):
    """`api_token_create USER --label TEXT [--scope operate]… [--parish SLUG]… [--days N]`: the token on stdout.

    What it is goes to stderr."""

    help: Any = gettext_lazy("Make an API token for a staff account and print it. It cannot be shown again.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the account and the label."""
        parser.add_argument("user", help=_("name of a staff account"))
        parser.add_argument("--label", required=True, help=_("what will use the token, e.g. “monitoring”"))
        parser.add_argument(
            "--parish", action="append", metavar="SLUG", help=_("may touch this parish alone; may be repeated")
        )
        add_limits(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Create and print."""
        try:
            token, plain = create_token(
                options["user"],
                options["label"],
                scopes=options["scope"] or (TokenScope.READ,),
                parishes=options["parish"],
                days=options["days"],
                requested_by=get_requester(),
            )
        except CiviparoisseError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(describe_made(token))
        self.stdout.write(plain)


def add_limits(parser: CommandParser) -> None:
    """Add what a token may be used for, and how long."""
    parser.add_argument(
        "--scope",
        action="append",
        choices=TokenScope.values,
        help=_("what it may be used for; may be repeated; a new one only reads without it"),
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
        f"{token.public_id} ({token.label}) for {token.user.get_username()}, {join_some(token.scopes)}, "
        f"{'all parishes' if token.parish_names is None else join_some(token.parish_names)}, until {end}; "
        "keep it, it is not shown again:"
    )
