"""Destinations of copies and the copies there: read, checked, asked for anew. No secret comes out."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.queries import StrictQueryMixin
from offsite.checking import check_destination
from offsite.destinations import get_destination
from offsite.documents import CopySerializer, DestinationCheckSerializer, DestinationSerializer, list_copies
from offsite.models import BackupCopy, CopyState, Destination


class CopyFilter(filters.FilterSet):
    """Copies of one instance, of one set, at one destination, or in one state."""

    instance = filters.CharFilter(field_name="backup__instance__identifier")
    backup = filters.CharFilter(field_name="backup__backup_id")
    destination = filters.CharFilter(field_name="destination__name")
    state = filters.ChoiceFilter(choices=CopyState.choices)

    class Meta:
        model = BackupCopy
        fields = ("instance", "backup", "destination", "state")


class DestinationViewSet(StrictQueryMixin, viewsets.GenericViewSet[Destination]):
    """Destinations, by name."""

    queryset = Destination.objects.none()
    permissions_required = {
        **{name: ("offsite.view_destination",) for name in ("list", "retrieve")},
        "ask_check": ("offsite.change_destination",),
    }
    serializer_class = DestinationSerializer
    filter_backends = ()
    lookup_field = "name"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Destination]:
        """Return every destination."""
        return Destination.objects.order_by("name")

    @extend_schema(description="Destinations of copies, by name.", responses=DestinationSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of destinations."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(DestinationSerializer(page or [], many=True).data)

    @extend_schema(description="One destination.", responses=DestinationSerializer)
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one destination."""
        return Response(DestinationSerializer(get_destination(name)).data)

    @extend_schema(
        description="Prove what it does, by doing it: write, read back, list, keep, lock, clock. Takes seconds.",
        request=None,
        responses={200: DestinationCheckSerializer},
    )
    @action(detail=True, methods=["post"], url_path="check", url_name="check")
    def ask_check(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Check the destination now."""
        row = get_destination(name)
        check_destination(row, now=timezone.now())
        return Response(DestinationCheckSerializer(row).data)


class CopyViewSet(StrictQueryMixin, viewsets.GenericViewSet[BackupCopy]):
    """Copies of sets elsewhere, those of the newest sets first."""

    parish_path = "backup__instance__tenant"
    queryset = BackupCopy.objects.none()
    permissions_required = {"list": ("backups.view_backup", "offsite.view_destination")}
    serializer_class = CopySerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = CopyFilter

    def get_queryset(self) -> QuerySet[BackupCopy]:
        """Return every copy."""
        return list_copies()

    @extend_schema(description="Copies elsewhere, those of the newest sets first.", responses=CopySerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of copies."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CopySerializer(page or [], many=True).data)
