"""Archive the manager itself: its database and its keys, sealed to the recovery keys, to every destination."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import CiviparoisseError
from operations.commands import DocumentCommand
from operations.selectors import make_error
from recovery.making import list_destinations, list_recipients, make_archive
from recovery.models import ArchiveReason, ManagerArchive
from recovery.retention import prune_archives


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Archive the manager's database, keys and settings, sealed to the recovery keys, to every destination."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what only shows, and what does nothing where nothing has changed."""
        parser.add_argument("--list", action="store_true", dest="only_list", help=_("show the archives, make none"))
        parser.add_argument("--if-changed", action="store_true", help=_("only to places whose newest is another one"))
        parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, send nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the archive that was made, or all of them."""
        if options["only_list"]:
            rows = ManagerArchive.objects.prefetch_related("copies__destination")
            return {"archives": [archive_as_dict(row) for row in rows]}
        if options["dry_run"]:
            recipients, destinations = list_recipients(), [row.name for row in list_destinations()]
            if not recipients or not destinations:
                raise CiviparoisseError("archive_nowhere" if recipients else "archive_unsealed")
            return {"dry_run": True, "recovery_keys": recipients, "destinations": destinations}
        now = timezone.now()
        archive = make_archive(ArchiveReason.SCHEDULED if options["if_changed"] else ArchiveReason.REQUESTED, now=now)
        removed = prune_archives(now=now)
        return {"archive": archive_as_dict(archive) if archive else None, "removed": removed}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line for each archive, with where it is."""
        if answer.get("dry_run"):
            names = {"places": ", ".join(answer["destinations"]), "count": len(answer["recovery_keys"])}
            return _("An archive sealed to %(count)s recovery keys would go to: %(places)s.") % names
        if "archives" in answer:
            return "\n".join(map(_format, answer["archives"])) or _("There is no archive of the manager yet.")
        return _format(answer["archive"]) if answer["archive"] else _("Nothing has changed since the last archive.")


def archive_as_dict(archive: ManagerArchive) -> dict[str, Any]:
    """Return an archive as programs get it."""
    return {
        "name": archive.name,
        "reason": archive.reason,
        "made_at": archive.made_at.isoformat(),
        "checked_at": archive.checked_at and archive.checked_at.isoformat(),
        "sealed_bytes": archive.sealed_bytes,
        "sha256": archive.sha256,
        "recovery_keys": archive.recipients,
        "copies": [
            {
                "destination": copy.destination.name,
                "checked_at": copy.checked_at and copy.checked_at.isoformat(),
                "gone_at": copy.gone_at and copy.gone_at.isoformat(),
                "error": make_error(copy.error_code, copy.error_params),
            }
            for copy in archive.copies.all()
        ],
    }


def _format(archive: dict[str, Any]) -> str:
    lines = [f"{archive['name']} {archive['reason']} {archive['sealed_bytes']} B"]
    for copy in archive["copies"]:
        if copy["error"]:
            text = copy["error"]["message"]
        elif copy["gone_at"]:
            text = _("removed by retention")
        else:
            text = _("there and checked")
        lines.append(f"  {copy['destination']}: {text}")
    return "\n".join(lines)
