"""From a POST to an operation: the idempotency key, the dry run, the answer."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.parishes import refuse_other_backups
from api.versions import IF_MATCH, refuse_changed
from domain.errors import InvalidValue
from operations.confirmation import refuse_unconfirmed
from operations.documents import DescriptionSerializer, OperationSerializer
from operations.engine_objects import Subject
from operations.models import Operation
from operations.permissions import require_kind
from operations.requests import describe_operation, request_operation
from tenants.models import Instance

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEY_MAX_LENGTH = 200
REQUESTER_LENGTH = 150  # of the column
DRY_RUN = {"true": True, "false": False}


def begin_operation(request: Request, kind: str, instance: Subject, *, parameters: dict[str, Any]) -> Response:
    """Ask for an operation on `instance`; 202 and the operation.

    With `?dry_run=true`: 200 and what would be done; nothing is written. With a key that was used for the same
    request: the operation of the first time, marked. Raises what `request_operation` raises.
    """
    require_kind(request.user, kind)
    refuse_other_backups(request, kind, parameters)
    refuse_unconfirmed(kind, instance.identifier, parameters)
    key = make_stored_key(request)
    dry_run = parse_dry_run(request)
    replayed = key is not None and Operation.objects.filter(idempotency_key=key).exists()

    def check_row(row: Instance) -> None:
        refuse_changed(request, row, what=row.identifier)

    with telling_what_does_not_fit():
        if dry_run:
            if isinstance(instance, Instance):
                check_row(instance)
            description = describe_operation(kind=kind, instance=instance, parameters=parameters)
            return Response(DescriptionSerializer(description).data)
        operation = request_operation(
            kind=kind,
            instance=instance,
            requested_by=get_requester(request),
            person=request.user,
            parameters=parameters,
            idempotency_key=key,
            check_row=check_row,
        )
    return answer_operation(operation, replayed=replayed)


@contextmanager
def telling_what_does_not_fit() -> Iterator[None]:
    """Mark the refusal of a value that looks right, its body having been read: it contradicts another value or what is
    there, which no schema can say, and is answered by 409."""
    try:
        yield
    except InvalidValue as error:
        error.params["well_formed"] = True
        raise


def answer_operation(operation: Operation, *, replayed: bool = False) -> Response:
    """Return 202 with the operation and where to follow it."""
    headers = {"Location": reverse("operation-detail", args=[operation.public_id])}
    if replayed:
        headers[REPLAYED_HEADER] = "true"
    return Response(OperationSerializer(operation).data, status=status.HTTP_202_ACCEPTED, headers=headers)


def make_stored_key(request: Request) -> str | None:
    """Return the request's key as it is stored, None without one. Raise InvalidValue for an unusable one.

    Scoped by account, so that nobody meets another's keys; hashed, so that both fit the column.
    """
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if not (0 < len(key) <= KEY_MAX_LENGTH and key.isascii() and key.isprintable()):
        raise InvalidValue(field=KEY_HEADER, reason=_("1 to 200 printable ASCII characters are accepted."))
    return f"api:{request.user.pk}:{hashlib.sha256(key.encode()).hexdigest()}"


def parse_dry_run(request: Request) -> bool:
    """Return whether only a description is wanted. Raise InvalidValue for anything but true or false: whoever
    mistypes it must not start the operation."""
    raw = request.query_params.get("dry_run", "false")
    if raw not in DRY_RUN:
        raise InvalidValue(field="dry_run", reason=_("give true or false."))
    return DRY_RUN[raw]


def get_requester(request: Request) -> str:
    """Return who asks, as kept in Operation.requested_by, e.g. "api:jeanne"."""
    assert isinstance(request.user, User), "permissions are checked before"
    return f"api:{request.user.get_username()}"[:REQUESTER_LENGTH]


def describe_start(body: type[serializers.Serializer[Any]], summary: str, *, has_version: bool = True) -> Any:
    """Return the decorator that says what an action that begins an operation takes and answers. `has_version`: whether
    what it is about was read with an ETag."""
    describe = extend_schema(
        description=summary,
        request=body,
        parameters=[
            OpenApiParameter(
                KEY_HEADER,
                {"type": "string", "minLength": 1, "maxLength": KEY_MAX_LENGTH, "pattern": "^[!-~]([ -~]*[!-~])?$"},
                OpenApiParameter.HEADER,
                description="Repeating a request with the same key never begins a second operation.",
            ),
            *([IF_MATCH] if has_version else []),
            OpenApiParameter("dry_run", bool, description="Say what would be done (200) and write nothing."),
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202], description="The operation."),
            OpenApiParameter(
                REPLAYED_HEADER, bool, OpenApiParameter.HEADER, response=[202], description="The key was known."
            ),
        ],
        responses={
            200: OpenApiResponse(DescriptionSerializer, description="Dry run: what would be done."),
            202: OpenApiResponse(OperationSerializer, description="The operation, queued or as far as it is."),
        },
    )

    def decorate(action: Any) -> Any:
        action.query_parameters = {"dry_run"}
        return describe(action)

    return decorate
