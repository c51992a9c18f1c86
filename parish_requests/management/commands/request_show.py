"""Show a request of a parish: what it would change, what would happen, what was said."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.commands import DocumentCommand
from parish_requests.choices import RequestState, Wish
from parish_requests.documents import (
    PreviewSerializer,
    RecordSerializer,
    RequestSerializer,
    make_preview_document,
    make_record_document,
)
from parish_requests.selectors import get_request


class Command(DocumentCommand):
    """`request_show K7M2-QX4P`."""

    help: Any = gettext_lazy("Show a request of a parish: what it would change, what would happen, what was said.")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add which one."""
        parser.add_argument("reference")

    def make_answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the request, its preview and its record."""
        request = get_request(options["reference"])
        return {
            "request": RequestSerializer(request).data,
            "preview": PreviewSerializer(make_preview_document(request)).data,
            "record": RecordSerializer(make_record_document(request)).data,
        }

    def format_answer(self, answer: dict[str, Any]) -> str:
        """Return what people decide by."""
        request, preview, record = answer["request"], answer["preview"], answer["record"]
        state = RequestState(request["state"]).label
        lines = [
            f"{request['reference']}  {request['tenant']}  {Wish(request['wish']).label}  {state}",
            *(f"{request[name]}" for name in ("asked_name", "channel", "why") if request[name]),
            "",
            preview["lead"],
            *(f"  {row['label']}: {row['then']} | {row['now']} | {row['difference']}" for row in preview["figures"]),
            *(f"! {warning}" for warning in preview["warnings"]),
            *preview["outcome"],
            "",
            *(f"{event['number']}. {event['at']} {event['actor'] or ''} {event['what']}" for event in record["events"]),
            _("The record is whole.")
            if record["broken_at"] is None
            else _("The record is not what was written, from line %(line)s on.") % {"line": record["broken_at"]},
            "",
            _("To approve it as it is shown here: request_approve %(reference)s --seen %(seen)s --as ACCOUNT")
            % {"reference": request["reference"], "seen": request["preview_sha256"][:12]},
        ]
        return "\n".join(lines)
