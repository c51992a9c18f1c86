"""Make a recovery key and show its private half once, to be printed; it is kept nowhere."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offsite.key_usage import describe_rotation
from offsite.keys import create_recovery_key
from operations.commands import DocumentCommand, get_requester


class Command(DocumentCommand):
    """`recovery_key_create > page.txt`, print, remove the file; then `recovery_key_prove`."""

    help: Any = gettext_lazy(
        "Make a recovery key and show its private half once, to be printed. It counts once it was proven."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help=_("say what a new key means, make none"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return both halves; with --dry-run what a new key means for the copies that are there."""
        if options["dry_run"]:
            return {"dry_run": True, "sentences": describe_rotation(None)}
        printed = create_recovery_key(requested_by=get_requester())
        return {"public": printed.recipient, "private": printed.identity, "challenge": printed.challenge}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return the page to print."""
        if answer.get("dry_run"):
            return "\n".join(answer["sentences"])
        lines = (
            _("RECOVERY KEY of the Civiparoisse backups — print this page, twice, and keep it in two places."),
            _("Who has it can read every copy of every parish. It is stored nowhere: lost, it cannot be shown again."),
            "",
            _("Private half:"),
            f"    {answer['private']}",
            _("Public half:"),
            f"    {answer['public']}",
            "",
            _("It counts once it was typed from the paper: manage.py recovery_key_prove"),
        )
        return "\n".join(lines)
