"""Tell whether the worker of this machine, or the clock, works: what a probe or a unit asks of it."""

import socket
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from operations.pulse import read_pulses
from operations.watch import find_silence

PARTS = ("worker", "beat")


class Command(DocumentCommand):
    """See the module."""

    help: Any = gettext_lazy(
        "Tell whether the worker of this machine, or the clock (beat), has worked lately: exit code 0 yes, 1 no. Where "
        "the database does not answer nothing is known, and a new start would not help: 0."
    )

    def add_own_arguments(self, parser: Any) -> None:
        """Take the part that is asked for."""
        parser.add_argument("part", choices=PARTS, help=_("worker or beat"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return whether it works (null: nobody knows) and what is wrong."""
        try:
            pulses = read_pulses()
        except DatabaseError:
            return {"part": options["part"], "alive": None, "fault": None}
        fault = find_silence(options["part"], pulses, host=socket.gethostname(), now=timezone.now())
        self.exit_code = 1 if fault else 0
        told = fault and {"code": fault.code, "message": fault.message, "hint": fault.hint}
        return {"part": options["part"], "alive": fault is None, "fault": told}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what is wrong and what to do, or that nothing is."""
        if answer["fault"]:
            return f"{answer['fault']['message']} {answer['fault']['hint']}"
        return _("The database does not answer: nothing is known.") if answer["alive"] is None else "OK"
