"""Errors raised outside the API's views (middleware, addresses): JSON below /api/, Django's own pages elsewhere."""

import sys
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults

from api.exceptions import make_error_body, make_unexpected_body
from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError

API_PREFIX = "/api/"


def show_bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400: an unknown Host header or another request Django finds suspicious."""
    if request.path.startswith(API_PREFIX):
        return answer_error("bad_request")
    return defaults.bad_request(request, exception)


def show_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404."""
    if request.path.startswith(API_PREFIX):
        return answer_error("address_unknown", path=request.path)
    return defaults.page_not_found(request, exception)


def show_server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 500 with a reference to the log, and nothing else."""
    if request.path.startswith(API_PREFIX):
        return JsonResponse(make_unexpected_body(sys.exc_info()[1]), status=500)
    return defaults.server_error(request)


def answer_error(code: str, **params: Any) -> JsonResponse:
    """Return an error of the API outside its views."""
    return JsonResponse(make_error_body(CiviparoisseError(code, **params), []), status=TEXTS[code].status)
