"""Requests of parishes: read, entered for a parish, decided, undone; for UEPAL's automation and a helpdesk."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.queries import StrictQueryMixin
from api.resources.request_bodies import NewRequestBody, UndoBody
from api.resources.request_decisions import APPROVE, CHANGE, DecisionActions, make_actor
from api.serializers import read_body
from parish_requests.deciding import look_again
from parish_requests.documents import (
    ExportSerializer,
    PreviewSerializer,
    RecordSerializer,
    RequestSerializer,
    list_documents,
    make_preview_document,
    make_record_document,
)
from parish_requests.entering import enter_request, send_entered
from parish_requests.export import export_record
from parish_requests.models import RestoreRequest
from parish_requests.selectors import get_request, list_requests
from parish_requests.undoing import request_undo

SEE, ENTER = "parish_requests.view_restorerequest", "parish_requests.add_restorerequest"


class RequestFilter(filters.FilterSet):
    """`tenant`: a sub-domain; `instance`: an identifier; `external_reference`: of the helpdesk."""

    tenant = filters.CharFilter(field_name="tenant__slug")
    instance = filters.CharFilter(field_name="instance__identifier")
    external_reference = filters.CharFilter()

    class Meta:
        model = RestoreRequest
        fields = ("tenant", "instance", "state", "wish", "external_reference")


class RequestViewSet(DecisionActions, StrictQueryMixin, viewsets.GenericViewSet[RestoreRequest]):
    """Requests of parishes, newest first."""

    parish_path = "tenant"
    queryset = RestoreRequest.objects.none()
    permissions_required = {
        **{name: (SEE,) for name in ("list", "retrieve", "show_preview", "show_record", "show_export")},
        **{name: (ENTER,) for name in ("create", "undo")},
        **{name: (CHANGE,) for name in ("answer", "withdraw")},
        **{name: (APPROVE,) for name in ("approve", "refuse", "ask", "retry", "finish", "renew_preview")},
    }
    serializer_class = RequestSerializer
    filterset_class = RequestFilter
    lookup_field = "reference"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[RestoreRequest]:
        """Return every request."""
        return list_documents(list_requests())

    @extend_schema(description="Requests of parishes, newest first.", responses=RequestSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of requests."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(RequestSerializer(page or [], many=True).data)

    @extend_schema(description="One request.", responses=RequestSerializer)
    def retrieve(self, request: Request, reference: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one request."""
        return Response(RequestSerializer(get_request(reference)).data)

    @extend_schema(
        description="Enter a request for a parish that asked by another way, and send it: that it was so stays said on "
        "it. Another person approves it.",
        request=NewRequestBody,
        responses={201: RequestSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])],
    )
    def create(self, request: Request) -> Response:
        """Enter a request."""
        asked = read_body(request, NewRequestBody)
        return _answer_new(enter_request(actor=make_actor(request), now=timezone.now(), **asked))

    @extend_schema(description="What it would change, and what would happen.", responses=PreviewSerializer)
    @action(detail=True, url_path="preview", url_name="preview")
    def show_preview(self, request: Request, reference: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer its preview."""
        return Response(PreviewSerializer(make_preview_document(get_request(reference))).data)

    @extend_schema(
        description="Work out anew what it would change, for whoever is to decide. Takes seconds.",
        request=None,
        responses={200: PreviewSerializer},
    )
    @show_preview.mapping.post
    def renew_preview(self, request: Request, reference: str) -> Response:
        """Make its preview anew."""
        seen = look_again(get_request(reference), actor=make_actor(request), now=timezone.now())
        return Response(PreviewSerializer(make_preview_document(seen)).data)

    @extend_schema(
        description="Its record: every line of what was done, and whether all are as they were written.",
        responses=RecordSerializer,
    )
    @action(detail=True, url_path="record", url_name="record")
    def show_record(self, request: Request, reference: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer its record."""
        return Response(RecordSerializer(make_record_document(get_request(reference))).data)

    @extend_schema(description="Its record as one text for the parish council, in French.", responses=ExportSerializer)
    @action(detail=True, url_path="export", url_name="export")
    def show_export(self, request: Request, reference: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer its record as a text."""
        row = get_request(reference)
        return Response(ExportSerializer({"reference": row.reference, "text": export_record(row)}).data)

    @extend_schema(
        description="Ask for its restore to be undone: the safety copy is put back. Another person approves that.",
        request=UndoBody,
        responses={201: RequestSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])],
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, reference: str) -> Response:
        """Ask for the undo."""
        asked = read_body(request, UndoBody)
        actor, now = make_actor(request), timezone.now()
        begun = request_undo(
            get_request(reference), actor=actor, entered_by=actor.name, is_draft=True, now=now, **asked
        )
        return _answer_new(send_entered(begun, actor=actor, now=now))


def _answer_new(row: RestoreRequest) -> Response:
    headers: dict[str, Any] = {"Location": reverse("request-detail", args=[row.reference])}
    return Response(RequestSerializer(row).data, status.HTTP_201_CREATED, headers=headers)
