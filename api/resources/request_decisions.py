"""What UEPAL does with a request of a parish: the same functions as the administration's buttons."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.request_bodies import ApprovalBody, SaidBody
from api.serializers import read_body
from civiparoisse.addresses import get_client_address
from parish_requests.actors import Actor, make_staff_actor
from parish_requests.asking import answer_question, withdraw_request
from parish_requests.deciding import APPROVE as APPROVE_PERMISSION
from parish_requests.deciding import approve_request, ask_back, finish_by_hand, refuse_request, retry_request
from parish_requests.documents import RequestSerializer
from parish_requests.models import RestoreRequest
from parish_requests.selectors import get_request

APPROVE, CHANGE = APPROVE_PERMISSION, "parish_requests.change_restorerequest"
Do = Callable[..., RestoreRequest]


class DecisionActions:
    """Actions of a request by which it is decided on, or answered and withdrawn for the parish."""

    @extend_schema(
        description="Approve it as its preview was looked at. It begins once as many different people did as it takes.",
        request=ApprovalBody,
        responses={200: RequestSerializer},
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Approve it."""
        asked = read_body(request, ApprovalBody)
        return decide(
            request,
            reference,
            approve_request,
            person=get_person(request),
            seen_preview_sha256=asked["preview_sha256"],
            not_before=asked.get("not_before"),
        )

    @extend_schema(
        description="Refuse it, with a reason that the parish reads.",
        request=SaidBody,
        responses={200: RequestSerializer},
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, reference: str) -> Response:
        """Refuse it."""
        reason = read_body(request, SaidBody)["text"]
        return decide(request, reference, refuse_request, reason, person=get_person(request))

    @extend_schema(
        description="Ask the parish something before deciding; it is told by mail.",
        request=SaidBody,
        responses={200: RequestSerializer},
    )
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, reference: str) -> Response:
        """Ask back."""
        text = read_body(request, SaidBody)["text"]
        return decide(request, reference, ask_back, text, person=get_person(request))

    @extend_schema(
        description="Give the answer of the parish to what was asked back.",
        request=SaidBody,
        responses={200: RequestSerializer},
    )
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, reference: str) -> Response:
        """Answer for the parish."""
        return decide(request, reference, answer_question, read_body(request, SaidBody)["text"])

    @extend_schema(
        description="Take it back for the parish, before it has begun.",
        request=None,
        responses={200: RequestSerializer},
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, reference: str) -> Response:
        """Withdraw it."""
        return decide(request, reference, withdraw_request)

    @extend_schema(
        description="Bring one that failed back to be approved anew.", request=None, responses={200: RequestSerializer}
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, reference: str) -> Response:
        """Try again."""
        return decide(request, reference, retry_request, person=get_person(request))

    @extend_schema(
        description="Note that people of UEPAL have done what it asks for, where the manager does not do it by itself.",
        request=SaidBody,
        responses={200: RequestSerializer},
    )
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, reference: str) -> Response:
        """Note that it is done."""
        text = read_body(request, SaidBody)["text"]
        return decide(request, reference, finish_by_hand, text, person=get_person(request))


def decide(request: Request, reference: str, do: Do, *texts: str, **values: Any) -> Response:
    """Do one thing with a request, as the caller and now, and answer the request as it is then."""
    row = do(get_request(reference), *texts, actor=make_actor(request), now=timezone.now(), **values)
    return Response(RequestSerializer(get_request(row.reference)).data)


def make_actor(request: Request) -> Actor:
    """Return the caller as the one who acts, for the record."""
    return make_staff_actor(get_person(request).get_username(), get_client_address(request._request))


def get_person(request: Request) -> User:
    """Return the caller's account."""
    assert isinstance(request.user, User), "permissions are checked before"
    return request.user
