"""Encrypt every stored secret with the current key (the first of FIELD_KEYS)."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from tenants.encryption import get_key_ring
from tenants.rotation import reencrypt_secrets


class Command(DocumentCommand):
    """`secrets_reencrypt [--dry-run]`: may be repeated and interrupted. Exit code 1 when a secret cannot be read."""

    help: Any = gettext_lazy(
        "Encrypt every stored secret with the current key, so that older keys can be removed from FIELD_KEYS."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help=_("only count what would be done"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what was counted; key ids, never values."""
        rotation = reencrypt_secrets(dry_run=options["dry_run"])
        self.exit_code = 1 if rotation.unreadable else 0
        return {
            "current_key_id": get_key_ring().current_id,
            "dry_run": options["dry_run"],
            "read": rotation.read,
            "reencrypted": rotation.reencrypted,
            "unreadable": dict(rotation.unreadable),
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the counts as lines."""
        if answer["dry_run"]:
            text = _("%(read)s secrets read, %(reencrypted)s would be encrypted again with the key %(current_key_id)s.")
        else:
            text = _("%(read)s secrets read, %(reencrypted)s encrypted again with the key %(current_key_id)s.")
        unreadable = [
            _("%(count)s cannot be read: the key %(key_id)s is missing or wrong.") % {"count": count, "key_id": key_id}
            for key_id, count in answer["unreadable"].items()
        ]
        return "\n".join([text % answer, *unreadable])
