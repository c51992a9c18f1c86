"""Make every lost instance again, each from its newest good set, the most important first."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand, get_requester, parse_limit
from operations.follow import work_if_nobody_does
from operations.models import Operation
from operations.selectors import make_error
from recovery.fleet import Lost, advance, begin, find_lost, list_open, select_turn
from recovery.mapping import read_mapping
from recovery.models import RecoveredInstance, RecoveryState

LOOK_SECONDS = 0.5


class Command(DocumentCommand):
    """See the module. Killed, it goes on where it was when it is run again."""

    help: Any = gettext_lazy(
        "Make every lost instance again, each from its newest good set wherever it is, the most important first."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what is recovered, where to, and how many at once."""
        parser.add_argument(
            "instances", nargs="*", metavar="INSTANCE", help=_("only these; all that are lost otherwise")
        )
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE", help=_("other engines and domains (docs/disaster.md)")
        )
        parser.add_argument("--at-most", type=parse_limit, default=2, metavar="N", help=_("so many at once (2)"))
        parser.add_argument("--dry-run", action="store_true", help=_("say what is lost and what would come back"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what is lost, or what came of each."""
        mapping = read_mapping(options["mapping"])
        lost, silent = find_lost(mapping, only=options["instances"])
        if options["dry_run"]:
            return {"dry_run": True, "lost": [_describe(one) for one in lost], "silent_engines": silent}
        begin(lost)
        known = {row.pk for row in list_open()}
        while rows := list_open():
            for row in select_turn(rows, at_most=options["at_most"]):
                advance(row, mapping, requested_by=get_requester(), now=timezone.now())
                operation = Operation.objects.filter(public_id=row.operation).first()
                if operation is not None:
                    work_if_nobody_does(operation)
            time.sleep(LOOK_SECONDS)  # between two looks
        ended = RecoveredInstance.objects.filter(pk__in=known).select_related("instance", "backup")
        self.exit_code = 0 if all(row.state == RecoveryState.BACK for row in ended) and not silent else 1
        return {"instances": [_as_dict(row) for row in ended], "silent_engines": silent}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line for each instance: what comes back, and what is lost since."""
        lines = [_format(one) for one in answer.get("lost", answer.get("instances", []))]
        for name in answer["silent_engines"]:
            text = _("%(engine)s does not answer: of its instances nothing is known. --mapping gives them another one.")
            lines.append(text % {"engine": name})
        return "\n".join(lines) or _("Every instance is there: nothing is lost.")


def _describe(one: Lost) -> dict[str, Any]:
    return {
        "instance": one.instance.identifier,
        "wave": one.wave,
        "backup": one.backup.backup_id if one.backup else None,
        "lost_since": one.backup.started_at.isoformat() if one.backup else None,
    }


def _as_dict(row: RecoveredInstance) -> dict[str, Any]:
    described = _describe(Lost(row.instance, row.wave, row.backup))
    return described | {"state": row.state, "error": make_error(row.error_code, row.error_params)}


def _format(one: dict[str, Any]) -> str:
    if one.get("error"):
        return f"{one['instance']}: {one['error']['message']} {one['error']['hint']}"
    if one["backup"] is None:
        return _("%(instance)s: made again empty, there is no set of it anywhere.") % one
    return _("%(instance)s: from %(backup)s; what was entered since %(lost_since)s is lost.") % one
