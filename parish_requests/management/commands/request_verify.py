"""Check that the records of requests are what was written: of one request, or of all."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from parish_requests.record import find_record_break
from parish_requests.selectors import get_request, list_requests


class Command(DocumentCommand):
    """`request_verify`; `request_verify K7M2-QX4P`. Exit code 2 where a line was changed, removed or inserted."""

    help: Any = gettext_lazy("Check that the records of requests are what was written: of one request, or of all.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add which one."""
        parser.add_argument("reference", nargs="?")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return how many were looked at, and which are broken at which line."""
        named = options["reference"]
        rows = [get_request(named)] if named else list_requests().iterator(chunk_size=500)
        count, broken = 0, []
        for request in rows:
            count += 1
            line = find_record_break(request)
            if line is not None:
                broken.append({"reference": request.reference, "line": line})
        self.exit_code = 2 if broken else 0
        return {"checked": count, "broken": broken}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per record that is broken."""
        lines = [_("%(reference)s: not what was written, from line %(line)s on") % row for row in answer["broken"]]
        return "\n".join(lines) or _("Records looked at, all as they were written: %(checked)s") % answer
