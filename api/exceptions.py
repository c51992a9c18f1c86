"""Every refusal and failure of the API as {"error": {"code", "message", "hint", "fields"?}}."""

import logging
import math
import secrets
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import DatabaseError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.own_faults import RETRY_SECONDS, find_own_fault
from api.parsers import PayloadTooLarge
from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError, InvalidValue

logger = logging.getLogger(__name__)

BODY = "body"  # names a fault of the whole document rather than of one of its fields
Field = dict[str, str]


def handle_exception(error: Exception, context: dict[str, Any]) -> Response:
    """Return the answer for whatever a view raised; what nobody expected is logged and says only a reference."""
    set_rollback()
    known = find_domain_error(error, context["request"]) or find_own_fault(error)
    if known is None:
        return Response(make_unexpected_body(error), status=500)
    if isinstance(error, DatabaseError | OSError):
        logger.error("the manager's own fault: %s", known.message, exc_info=error)
        return Response(make_error_body(known, []), status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    response = Response(make_error_body(known, list_fields(error)), status=find_status(known))
    if isinstance(error, exceptions.APIException):
        if header := getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = header
        if isinstance(error, exceptions.Throttled):
            response["Retry-After"] = str(_count_seconds(error))
    return response


def find_status(error: CiviparoisseError) -> int:
    """Return the status of `error`: its code's, 409 where each value looks as the schema says and contradicts another
    one or what is there."""
    return 409 if error.params.get("well_formed") else TEXTS[error.code].status


def find_domain_error(error: Exception, request: Request) -> CiviparoisseError | None:
    """Return the error of our tree that says what `error` says; None when nobody expected it."""
    match error:
        case CiviparoisseError():
            return error
        case exceptions.ValidationError():
            fields = list_fields(error)
            return (
                _make("invalid_value", **fields[0]) if len(fields) == 1 else _make("values_invalid", count=len(fields))
            )
        case exceptions.ParseError():
            return _make("malformed_request", detail=str(error.detail))
        case PayloadTooLarge():
            return _make("payload_too_large", limit_bytes=error.limit_bytes)
        case exceptions.NotAuthenticated():
            return _make("not_authenticated")
        case exceptions.AuthenticationFailed():
            return _make("authentication_failed")
        case exceptions.PermissionDenied() | DjangoPermissionDenied():
            return _make("permission_denied")
        case exceptions.NotFound() | Http404():
            return _make("address_unknown", path=request.path)
        case exceptions.MethodNotAllowed():
            return _make("method_not_allowed", method=request.method)
        case exceptions.NotAcceptable():
            return _make("not_acceptable")
        case exceptions.UnsupportedMediaType():
            return _make("unsupported_media_type", media_type=request.content_type)
        case exceptions.Throttled():
            return _make("throttled", seconds=_count_seconds(error))
    return None


def _count_seconds(error: exceptions.Throttled) -> int:
    return max(1, math.ceil(getattr(error, "wait", None) or 0))


def _make(code: str, **params: Any) -> CiviparoisseError:
    return CiviparoisseError(code, **params)


def list_fields(error: Exception) -> list[Field]:
    """Return the refused fields of `error`, each with one reason; empty when it is not about fields."""
    if isinstance(error, exceptions.ValidationError):
        return [{"field": name or BODY, "reason": reason} for name, reason in _walk(error.detail, "")]
    if isinstance(error, CiviparoisseError) and isinstance(error.params.get("fields"), list):
        return [{"field": str(fault["field"]), "reason": str(fault["reason"])} for fault in error.params["fields"]]
    if isinstance(error, InvalidValue):
        return [{"field": str(error.params.get("field", BODY)), "reason": str(error.params.get("reason", ""))}]
    return []


def _walk(detail: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield (dotted name, reasons) of DRF's nested details."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            own = "" if key == "non_field_errors" else str(key)
            yield from _walk(value, f"{name}.{own}" if name and own else name or own)
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        for index, item in enumerate(detail):
            yield from _walk(item, f"{name}.{index}" if name else str(index))
    elif isinstance(detail, list):
        yield name, " ".join(map(str, detail))
    else:
        yield name, str(detail)


def make_error_body(error: CiviparoisseError, fields: list[Field]) -> dict[str, Any]:
    """Return the one shape of an error, in the active language."""
    body: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint}
    if fields:
        body["fields"] = fields
    return {"error": body}


def make_unexpected_body(error: BaseException | None) -> dict[str, Any]:
    """Log `error` with its traceback under a new reference, and return a body that gives only that reference."""
    reference = secrets.token_hex(4)
    logger.error("unexpected error, reference %s", reference, exc_info=error)
    return make_error_body(_make("server_error", reference=reference), [])
