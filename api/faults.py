"""Errors raised outside the API's views (middleware, addresses): JSON below /api/, Django's own pages elsewhere."""

import sys
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views import defaults

from api.exceptions import make_error_body, make_unexpected_body
from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError
from operations.watch import ManagerFault, find_full_disks, find_unwritable_database

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
    """Answer 503 with the cause where the manager's own disk or database takes nothing, else 500 with a reference to
    the log, and nothing else."""
    error = sys.exc_info()[1]
    fault = find_own_fault() if isinstance(error, DatabaseError | OSError) else None
    if request.path.startswith(API_PREFIX):
        if fault:
            return answer_error(fault.code, **fault.params)
        return JsonResponse(make_unexpected_body(error), status=500)
    if fault:
        return HttpResponse(f"{fault.message} {fault.hint}\n", status=503, content_type="text/plain; charset=utf-8")
    return defaults.server_error(request)


def find_own_fault() -> ManagerFault | None:
    """Return what is certainly wrong with the manager's disks or its database; None when they take what is written."""
    faults = [*find_full_disks(), *find_unwritable_database()]
    return next((fault for fault in faults if fault.is_critical), None)


def answer_error(code: str, **params: Any) -> JsonResponse:
    """Return an error of the API outside its views."""
    return JsonResponse(make_error_body(CiviparoisseError(code, **params), []), status=TEXTS[code].status)
