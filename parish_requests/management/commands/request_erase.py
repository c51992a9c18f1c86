"""Erase personal data of requests that ended long ago, or of one request now; records stay verifiable."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.errors import CiviparoisseError
from domain.parish_requests import Move
from operations.commands import DocumentCommand, parse_limit
from parish_requests.erasing import erase_request, list_due
from parish_requests.models import RestoreRequest
from parish_requests.moves import make_state_error
from parish_requests.selectors import OPEN, get_request


class Command(DocumentCommand):
    """See the module. What the rule erases by itself needs no confirmation; what goes sooner does."""

    help: Any = gettext_lazy(
        "Erase names, addresses and texts of requests of parishes that ended long ago, or of one request now; what was "
        "decided stays, and can be verified."
    )

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add which requests, and whether it is only looked."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--reference", help=_("only this request, which has ended, and now"))
        which.add_argument(
            "--months", type=parse_limit, metavar="N", help=_("ended more than so many months ago (the setting if not)")
        )
        parser.add_argument("--confirm", metavar="WHAT", default="", help=_("the reference, or the months, once more"))
        parser.add_argument("--dry-run", action="store_true", help=_("say what would be erased, change nothing"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Erase them, or tell which. Raise NotFound, or CiviparoisseError `confirmation_mismatch` or
        `request_state_forbids`."""
        now, months = timezone.now(), options["months"]
        if options["reference"]:
            due = [_get_ended(options["reference"])]
            needed = due[0].reference
        else:
            due = list(list_due(now=now, months=months))
            needed = str(months) if months is not None and months < settings.REQUESTS_ERASED_AFTER_MONTHS else ""
        references = [request.reference for request in due]
        if options["dry_run"]:
            return {"dry_run": True, "requests": references, "confirm": needed}
        if needed and options["confirm"].strip().upper() != needed:
            raise CiviparoisseError("confirmation_mismatch", name=needed)
        erased = [request.reference for request in due if erase_request(request, now=now)]
        return {"dry_run": False, "requests": erased, "confirm": needed}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return how many, and which."""
        count = len(answer["requests"])
        if answer["dry_run"]:
            text = ngettext("%(count)s request would be erased.", "%(count)s requests would be erased.", count)
        else:
            text = ngettext("%(count)s request was erased.", "%(count)s requests were erased.", count)
        lines = [text % {"count": count}, *answer["requests"]]
        if answer["dry_run"] and answer["confirm"]:
            lines.append(_("To do it: --confirm %(what)s") % {"what": answer["confirm"]})
        return "\n".join(lines)


def _get_ended(reference: str) -> RestoreRequest:
    request = get_request(reference)
    if request.state in OPEN:
        raise make_state_error(request, Move.FINISH)
    return request
