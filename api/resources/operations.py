"""Operations: followed and cancelled here, begun at the instances."""

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import answer_operation, get_requester
from api.queries import StrictQueryMixin
from api.versions import ETAG, IF_MATCH, compute_etag, refuse_changed
from operations.documents import OperationDetailSerializer, OperationSerializer
from operations.models import Operation
from operations.permissions import CANCEL, SEE_OPERATIONS
from operations.registry import list_kinds
from operations.requests import request_cancel
from operations.selectors import get_operation, list_operations


class OperationFilter(filters.FilterSet):
    """`instance`: its identifier, also when it is gone."""

    instance = filters.CharFilter(field_name="subject")
    kind = filters.ChoiceFilter(choices=[(kind.code, kind.label) for kind in list_kinds()])

    class Meta:
        model = Operation
        fields = ("instance", "kind", "state")


class OperationViewSet(StrictQueryMixin, viewsets.GenericViewSet[Operation]):
    """Operations, newest first."""

    parish_path = "instance__tenant"
    queryset = Operation.objects.none()
    permissions_required = {"list": (SEE_OPERATIONS,), "retrieve": (SEE_OPERATIONS,), "cancel": (CANCEL,)}
    serializer_class = OperationSerializer
    filterset_class = OperationFilter
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Operation]:
        """Return every operation, with its steps."""
        return list_operations()

    @extend_schema(description="Operations, newest first.", responses=OperationSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of operations."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(OperationSerializer(page or [], many=True).data)

    @extend_schema(
        description="One operation with its steps and events.", responses=OperationDetailSerializer, parameters=[ETAG]
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Answer one operation."""
        operation = get_operation(id)
        return Response(OperationDetailSerializer(operation).data, headers={"ETag": compute_etag(operation)})

    @extend_schema(
        description="Ask the operation to stop before its next step.",
        request=None,
        responses={202: OperationSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202]), IF_MATCH],
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Record the wish to cancel."""
        with transaction.atomic():
            operation = Operation.objects.select_for_update().get(pk=get_operation(id).pk)
            refuse_changed(request, operation, what=operation.public_id)
            return answer_operation(request_cancel(operation, requested_by=get_requester(request)))
