"""Errors raised outside the API's views (middleware, addresses): JSON below /api/, Django's own pages elsewhere."""

import logging
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from api.exceptions import make_error_body, make_unexpected_body
from api.own_faults import RETRY_SECONDS, find_own_fault
from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError

logger = logging.getLogger(__name__)

API_PREFIX = "/api/"
# Parishes are not led to the administration.
DOOR_PREFIX, DOOR_TEMPLATE = "/paroisse/", "parish_site/broken.html"


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
    """Answer 503 with the cause where the manager's own disk or database takes nothing, else 500 with a reference to
    the log, and nothing else."""
    error = sys.exc_info()[1]
    fault = find_own_fault(error)
    if request.path.startswith(API_PREFIX):
        if fault is None:
            return JsonResponse(make_unexpected_body(error), status=500)
        answer: HttpResponseBase = JsonResponse(make_error_body(fault, []), status=503)
    elif request.path.startswith(DOOR_PREFIX):
        page = render_to_string(DOOR_TEMPLATE)
        answer = HttpResponse(page, status=500 if fault is None else 503)
        if fault is not None:
            logger.error("%s %s: %s", request.method, request.path, fault.message, exc_info=error)
    elif fault is None:
        return defaults.server_error(request)
    else:
        logger.error("%s %s: %s", request.method, request.path, fault.message, exc_info=error)
        page = render_to_string("503.html", {"fault": fault, "seconds": fault.params.get("seconds")})
        answer = HttpResponse(page, status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def answer_error(code: str, **params: Any) -> JsonResponse:
    """Return an error of the API outside its views."""
    return JsonResponse(make_error_body(CiviparoisseError(code, **params), []), status=TEXTS[code].status)
