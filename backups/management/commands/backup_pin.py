"""Keep a backup whatever its policy, or let the policy decide again."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.documents import BackupSerializer
from backups.pins import pin_backup, unpin_backup
from backups.selectors import get_backup
from domain.errors import InvalidValue
from operations.commands import DocumentCommand, get_requester


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy("Keep a backup whatever its policy (--reason), or let the policy decide again (--remove).")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add the backup, and what becomes of it."""
        parser.add_argument("backup", help=_("identifier of the backup"))
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("--reason", help=_("why it is kept"))
        choice.add_argument("--remove", action="store_true", help=_("let the policy decide again"))
        parser.add_argument("--until", metavar="YYYY-MM-DD", help=_("until that day begins; for ever without it"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Pin it, or unpin it. Raise NotFound, InvalidValue, or what `pin_backup` raises."""
        backup = get_backup(options["backup"])
        if options["remove"]:
            return BackupSerializer(unpin_backup(backup, requested_by=get_requester())).data
        until = _read_day(options["until"]) if options["until"] else None
        pinned = pin_backup(
            backup, reason=options["reason"], until=until, requested_by=get_requester(), now=timezone.now()
        )
        return BackupSerializer(pinned).data

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what holds now."""
        if answer["pinned_at"] is None:
            return _("%(backup)s is not pinned.") % {"backup": answer["id"]}
        names = {"backup": answer["id"], "reason": answer["pin_reason"]}
        return _("%(backup)s is pinned: %(reason)s") % names


def _read_day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=get_default_timezone())
    except ValueError as error:
        raise InvalidValue(field="until", reason=_("give a day, as 2027-01-31.")) from error
