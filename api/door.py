"""Before and after every answer of the API: what is refused unread, and what the answer says about the token."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.http import http_date

from api.faults import API_PREFIX, answer_error
from api.models import ApiToken
from api.parsers import LIMIT_BYTES
from api.tokens import is_ending

EXPIRES_HEADER = "Token-Expires"
# The web server itself lets more of both through, so that they are refused here, in the API's own shape.
LONGEST_ADDRESS_BYTES = 16_000
LARGEST_BODY_BYTES = 1024 * 1024


class ApiDoor:
    """Middleware: refuses what must not be read, says when the token ends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer, for the API with what every answer of it has."""
        if not request.path.startswith(API_PREFIX):
            return self.get_response(request)
        answer = _refuse_unread(request) or self.get_response(request)
        token: Any = getattr(request, "auth", None)
        if isinstance(token, ApiToken) and is_ending(token, now=timezone.now()):
            answer[EXPIRES_HEADER] = "never" if token.expires_at is None else http_date(token.expires_at.timestamp())
        return answer


def _refuse_unread(request: HttpRequest) -> HttpResponseBase | None:
    """Return the refusal of a request whose body or address is not read, None for all others."""
    if len(request.get_full_path().encode()) > LONGEST_ADDRESS_BYTES:
        return answer_error("address_too_long", limit_bytes=LONGEST_ADDRESS_BYTES)
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return answer_error("length_required")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        return answer_error("length_required")
    if len(length) > 18 or int(length) > LARGEST_BODY_BYTES:
        return answer_error("payload_too_large", limit_bytes=LIMIT_BYTES)
    return None
