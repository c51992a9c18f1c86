"""Destinations of copies and the copies there: read, checked, asked for anew. No secret comes out."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.queries import StrictQueryMixin
from api.resources.clusters import LEVELS, FindingSerializer
from api.shapes import ObjectField, Shape
from offsite.checking import check_destination, report_as_dict
from offsite.destinations import get_destination
from offsite.documents import copy_as_dict, describe_retirement, destination_as_dict, find_usage, list_copies
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind, LockMode


class UsageSerializer(Shape):
    """How many copies are there whole, come, and are damaged. `sealed_bytes`: of those that are there."""

    there = serializers.IntegerField()
    coming = serializers.IntegerField()
    damaged = serializers.IntegerField()
    sealed_bytes = serializers.IntegerField()


class DestinationSerializer(Shape):
    """A destination as it is recorded. `settings`: of its kind; of a secret only whether there is one. `if_retired`:
    what would be lost, or would be on one volume alone, if it went out of use."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=DestinationKind.values)
    enabled = serializers.BooleanField()
    lock_mode = serializers.ChoiceField(choices=LockMode.values)
    lock_days = serializers.IntegerField()
    bandwidth_kib = serializers.IntegerField()
    at_most = serializers.IntegerField()
    settings = ObjectField()
    level = serializers.ChoiceField(choices=LEVELS, allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    usage = UsageSerializer()
    if_retired = serializers.ListField(child=serializers.CharField())


class DestinationCheckSerializer(Shape):
    """What a destination was found to do. `level`: of the worst finding."""

    destination = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS, allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    findings = FindingSerializer(many=True)


class CopyErrorSerializer(Shape):
    """Why the last try failed; the texts follow Accept-Language."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()


class CopySerializer(Shape):
    """One set at one destination. Times: sent, last compared, last downloaded whole and opened, held by a lock until,
    removed. `hidden_objects`: earlier versions that the account could not remove."""

    backup = serializers.CharField()
    instance = serializers.CharField()
    destination = serializers.CharField()
    state = serializers.ChoiceField(choices=CopyState.values)
    objects = serializers.IntegerField(allow_null=True)
    sealed_bytes = serializers.IntegerField(allow_null=True)
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    copied_at = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    held_until = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    hidden_objects = serializers.IntegerField()
    error = CopyErrorSerializer(allow_null=True)


class CopyFilter(filters.FilterSet):
    """Copies of one instance, of one set, at one destination, or in one state."""

    instance = filters.CharFilter(field_name="backup__instance__identifier")
    backup = filters.CharFilter(field_name="backup__backup_id")
    destination = filters.CharFilter(field_name="destination__name")
    state = filters.ChoiceFilter(choices=CopyState.choices)

    class Meta:
        model = BackupCopy
        fields = ("instance", "backup", "destination", "state")


def _as_dict(row: Destination) -> dict[str, object]:
    return {**destination_as_dict(row), "usage": find_usage(row), "if_retired": describe_retirement(row)}


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
        return self.get_paginated_response([_as_dict(row) for row in page or []])

    @extend_schema(description="One destination.", responses=DestinationSerializer)
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one destination."""
        return Response(_as_dict(get_destination(name)))

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
        return Response(report_as_dict(row))


class CopyViewSet(StrictQueryMixin, viewsets.GenericViewSet[BackupCopy]):
    """Copies of sets elsewhere, those of the newest sets first."""

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
        return self.get_paginated_response([copy_as_dict(copy) for copy in page or []])
