"""Tell whether the manager itself works, as Nagios asks it: exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from operations.pulse import read_pulses
from operations.watch import list_manager_faults

OK, WARNING, CRITICAL, UNKNOWN = range(4)
LEVELS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


class Command(DocumentCommand):
    """See the module."""

    usage_exit_code = UNKNOWN  # argparse's 2 would be CRITICAL
    help: Any = gettext_lazy(
        "Tell whether clock, workers, broker, database and disks work: exit code 0 OK, 1 WARNING, 2 CRITICAL."
    )

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - it has none
        """Return what is wrong, and when each part was last seen."""
        now = timezone.now()
        faults = list_manager_faults(now=now)
        self.exit_code = OK if not faults else CRITICAL if any(fault.is_critical for fault in faults) else WARNING
        return {
            "level": LEVELS[self.exit_code],
            "faults": [
                {"code": fault.code, "critical": fault.is_critical, "message": fault.message, "hint": fault.hint}
                for fault in faults
            ],
            "seen": _describe_pulses(now),
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per fault with what to do, then who was seen when."""
        lines = [f"{answer['level']} {fault['message']} {fault['hint']}" for fault in answer["faults"]]
        seen = ", ".join(
            _("%(name)s %(seconds)s s ago") % {"name": name, "seconds": round(seconds)}
            for name, seconds in answer["seen"].items()
        )
        return "\n".join([*(lines or ["OK"]), seen or "-"])


def _describe_pulses(now: datetime) -> dict[str, float]:
    """Return the seconds since each part was seen; nothing when the database does not answer."""
    try:
        return {name: round((now - seen_at).total_seconds(), 1) for name, seen_at in sorted(read_pulses().items())}
    except DatabaseError:
        return {}
