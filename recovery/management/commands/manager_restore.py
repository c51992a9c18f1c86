"""Bring the manager back on an empty machine, from a place and a recovery key alone."""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from civiparoisse.places import BASE_DIR
from domain.errors import CiviparoisseError
from operations.commands import DocumentCommand
from recovery.places import list_archives, reaching, read_destination
from recovery.restoring import Target, check_restored, refuse_existing, restore_newest, select_archives
from recovery.sealing import parse_identity

KEY_BYTES = 10_000


def parse_moment(text: str) -> datetime:
    """Return the value of --at. Raise ArgumentTypeError unless it is a day, or a day and a time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("give a time such as 2026-11-30T04:15")) from None
    return moment if moment.tzinfo else timezone.make_aware(moment)


class Command(DocumentCommand):
    """See the module. Neither keys nor a database are there before."""

    help: Any = gettext_lazy(
        "Restore the manager from the newest good archive of a place, with the recovery key. Nothing is deleted."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add where from, the key, and which archive."""
        parser.add_argument("place", metavar="FROM", help=_("a file that describes the destination, or a directory"))
        parser.add_argument("--recovery-key-file", metavar="FILE", help=_("the paper's key in a file; - asks for it"))
        parser.add_argument(
            "--list", action="store_true", dest="only_list", help=_("show the archives, restore nothing")
        )
        parser.add_argument("--at", type=parse_moment, help=_("the newest archive that is not younger"))
        parser.add_argument("--manager", default="", help=_("of which manager, where a place has several"))
        parser.add_argument("--replace", default="", metavar="DIRECTORY", help=_("put aside the manager that is there"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the archives of the place, or what was restored."""
        destination = read_destination(Path(options["place"]))
        with reaching(destination) as carrier:
            found = list_archives(carrier)
            if options["only_list"]:
                return {"archives": [_as_dict(archive) for archive in found]}
            chosen = select_archives(found, place=options["place"], manager=options["manager"], at=options["at"])
            target = Target(state=Path(settings.STATE_FOLDER), database=settings.DATABASES["default"], root=BASE_DIR)
            refuse_existing(target, replace=options["replace"])
            identity = parse_identity(self.read_key(options["recovery_key_file"]))
            restored = restore_newest(carrier, chosen, identity, target)
        checked = check_restored(target)
        return {
            "archive": _as_dict(restored.archive),
            "made_at": restored.manifest.made_at,
            "versions": dict(restored.manifest.versions),
            "rows": sum(restored.manifest.tables.values()),
            "state": str(target.state),
            "put_aside": str(restored.put_aside) if restored.put_aside else None,
            "refused": [{**_as_dict(one), "reason": str(error)} for one, error in restored.refused],
            "checked": checked,
        }

    def read_key(self, name: str | None) -> str:
        """Return what was typed, or what a file holds. Raise CiviparoisseError `recovery_key_invalid`."""
        if name in (None, "-"):
            if sys.stdin.isatty():
                self.stderr.write(_("Type the line of the paper that begins with AGE-SECRET-KEY-1:"))
            return sys.stdin.readline(KEY_BYTES)
        try:
            with Path(str(name)).open(encoding="utf-8") as file:
                return file.read(KEY_BYTES)
        except (OSError, ValueError):
            raise CiviparoisseError("recovery_key_invalid") from None

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what came back, and what to do next."""
        if "archives" in answer:
            lines = [f"{one['made_at']} {one['manager']} {one['bytes']} B" for one in answer["archives"]]
            return "\n".join(lines) or _("There is no archive here.")
        lines = [
            _("Not usable: %(made_at)s (%(reason)s)") % {"made_at": one["made_at"], "reason": one["reason"]}
            for one in answer["refused"]
        ]
        lines.append(
            _("The manager of %(made_at)s is back in %(state)s: %(rows)s rows, every secret can be read.") % answer
        )
        if answer["put_aside"]:
            lines.append(_("What was there before is in %(put_aside)s.") % answer)
        lines.append(_("Settings it was started with: %(state)s/restored-settings.json") % answer)
        lines.append(_("Next: scripts/services.py start, then manage.py fleet_recover --dry-run"))
        return "\n".join(lines)


def _as_dict(archive: Any) -> dict[str, Any]:
    return {
        "name": archive.name,
        "manager": archive.manager,
        "made_at": archive.made_at.isoformat(),
        "bytes": archive.bytes,
    }
