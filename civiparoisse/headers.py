"""What every answer says to those who pass it on."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class NoStore:
    """Middleware: no browser and no proxy keeps an answer. Pages and documents hold data of parishes; static files are
    answered before this."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer, not to be stored."""
        answer = self.get_response(request)
        if "no-store" not in answer.get("Cache-Control", ""):
            answer["Cache-Control"] = "no-store"
        return answer
