"""List requests of parishes, the newest first."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.parish_requests import RequestState
from operations.commands import DocumentCommand, parse_limit
from parish_requests.choices import RequestState as StateWords
from parish_requests.choices import Wish
from parish_requests.documents import RequestSerializer, list_documents
from parish_requests.selectors import list_requests


class Command(DocumentCommand):
    """`request_list --open`; `request_list --tenant saint-paul --state failed`."""

    help: Any = gettext_lazy("List requests of parishes, the newest first.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what narrows the list."""
        parser.add_argument("--tenant", help=_("only of this parish"))
        parser.add_argument("--state", choices=[state.value for state in RequestState], help=_("only in this state"))
        parser.add_argument("--open", action="store_true", dest="is_open", help=_("only those that have not ended"))
        parser.add_argument("--external-reference", help=_("only with this reference of the helpdesk"))
        parser.add_argument("--limit", type=parse_limit, default=100, help=_("at most so many (100)"))

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the requests."""
        rows = list_requests(
            tenant=options["tenant"],
            state=options["state"],
            is_open=True if options["is_open"] else None,
            external_reference=options["external_reference"],
        )
        return {"requests": RequestSerializer(list_documents(rows)[: options["limit"]], many=True).data}

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return a line per request."""
        lines = [
            f"{row['reference']}  {row['tenant']}  {Wish(row['wish']).label}  {StateWords(row['state']).label}"
            for row in answer["requests"]
        ]
        return "\n".join(lines) or _("There are no such requests.")
