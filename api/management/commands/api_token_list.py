"""Show which API tokens exist."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import ApiToken
from api.tokens import is_ending
from operations.command_words import WordedCommand


class Command(WordedCommand):
    """`api_token_list [--json]`: identifiers, labels and last uses; never a token."""

    help: Any = gettext_lazy(
        "List API tokens: identifier, account, label, scopes, parishes, created, expires, last used, revoked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json`."""
        parser.add_argument("--json", action="store_true", help=_("one JSON document on stdout"))

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """List."""
        tokens = list(ApiToken.objects.select_related("user").prefetch_related("parishes"))
        rows = [token_as_dict(token) for token in tokens]
        for token in tokens:
            if is_ending(token, now=timezone.now()):
                self.stderr.write(f"{token.public_id} ({token.label}): renew it, api_token_renew {token.public_id}")
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write("  ".join(str(value or "-") for value in row.values()))


def token_as_dict(token: ApiToken) -> dict[str, str | None]:
    """Return what may be shown of a token; times in ISO 8601."""
    return {
        "id": token.public_id,
        "user": token.user.get_username(),
        "label": token.label,
        "scopes": ",".join(token.scopes) or "read-only",
        "parishes": None if token.parish_names is None else ",".join(token.parish_names),
        "created_at": _format_time(token.created_at),
        "expires_at": _format_time(token.expires_at),
        "last_used_at": _format_time(token.last_used_at),
        "revoked_at": _format_time(token.revoked_at),
    }


def _format_time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
