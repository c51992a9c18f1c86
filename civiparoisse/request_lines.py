"""Lines of the log that a request causes carry its identifier, and who asked."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase

from domain.log_context import add, clear

HEADER = "X-Request-ID"
# What a proxy in front may have given; anything else could forge lines.
GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")


class BindRequest:
    """Middleware: takes the identifier that a proxy gave, or makes one; says it in the answer too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer with its identifier."""
        given = request.headers.get(HEADER, "")
        identifier = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        # Not bound for this block alone: Django logs what it answered once all of us have returned.
        clear()
        add(request=identifier)
        answer = self.get_response(request)
        answer[HEADER] = identifier
        return answer


class BindActor:
    """Middleware, once the session is read: lines carry who is signed in. A token's person: api/authentication.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer; who has no session is not looked up."""
        if request.session.session_key and request.user.is_authenticated:
            add(actor=request.user.get_username())
        return self.get_response(request)


def _forget(**_: Any) -> None:
    clear()


request_finished.connect(_forget)
