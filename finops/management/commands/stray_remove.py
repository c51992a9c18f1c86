"""Remove what an engine holds and no instance needs (finops_recommend lists it): all under one name, or one volume."""

import time
from typing import Any

from django.core.management.base import CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from domain.fleet import RemovableKind
from engine.registry import get_engine
from finops.strays import Stray, continue_removal, look_at_stray, remove_stray
from operations.commands import DocumentCommand, get_requester

WAIT_SECONDS = 600


class Command(DocumentCommand):
    """See the module."""

    help = "Remove what an engine holds under a name that is no instance's (servers, volumes, backups), or one volume."

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what and where it is, and the confirmation."""
        parser.add_argument("name", help="the name under which the engine has it")
        parser.add_argument("--engine", default="local", help="where it is (default: local)")
        parser.add_argument("--volume", action="store_true", help="it is a volume that no claim holds")
        parser.add_argument("--dry-run", action="store_true", help="say what would be removed, remove nothing")
        parser.add_argument("--confirm", default="", metavar="NAME", help="the name once more")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Look at it, or remove it and wait until it is gone; return what it is or was. Raise CiviparoisseError."""
        name, engine = options["name"], options["engine"]
        thing = RemovableKind.VOLUME if options["volume"] else RemovableKind.INSTANCE
        if options["dry_run"]:
            return {"dry_run": True, **_describe(look_at_stray(engine, thing, name))}
        stray = remove_stray(engine, thing, name, confirm=options["confirm"], requested_by=get_requester())
        self._wait_until_gone(stray, quiet=options["as_json"])
        return {"dry_run": False, **_describe(stray)}

    def _wait_until_gone(self, stray: Stray, *, quiet: bool) -> None:
        """Wait and say what is still there, as it becomes less (nothing when `quiet`). Raise CiviparoisseError
        `purge_incomplete` when it is not gone in time."""
        deadline, said = time.monotonic() + WAIT_SECONDS, ""
        while remains := ", ".join(continue_removal(stray)):
            if time.monotonic() > deadline:
                raise CiviparoisseError("purge_incomplete", instance=stray.name, remains=remains)
            if remains != said and not quiet:
                said = remains
                self.stdout.write(_("Still there: %(what)s.") % {"what": remains})
            # No faster than the engine changes: each look is a question to the cluster.
            time.sleep(get_engine(stray.engine).poll_seconds)

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what was removed, or what would be."""
        text = _("To be removed: %(what)s.") if answer["dry_run"] else _("Removed: %(what)s.")
        return text % {"what": _format_stray(answer)}


def _describe(stray: Stray) -> dict[str, Any]:
    return {
        "engine": stray.engine,
        "thing": stray.thing.value,
        "name": stray.name,
        "running": [pod.name for pod in stray.pods],
        "volumes": [volume.name for volume in stray.volumes],
        "capacity_bytes": stray.capacity_bytes,
        "backups": list(stray.backup_ids),
    }


def _format_stray(answer: dict[str, Any]) -> str:
    return _("%(name)s (running: %(running)s; volumes: %(volumes)s, %(size)s; backups: %(backups)s)") % {
        "name": answer["name"],
        "running": len(answer["running"]),
        "volumes": len(answer["volumes"]),
        "size": filesizeformat(answer["capacity_bytes"]),
        "backups": len(answer["backups"]),
    }
