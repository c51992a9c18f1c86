"""Backups and restores: what was taken and what was put back; both are begun at the instances."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_bodies import make_body
from api.operation_requests import begin_operation, describe_start
from api.queries import StrictQueryMixin
from api.resources.downloads import DOWNLOAD_PERMISSIONS, DownloadActions
from api.resources.operations import OperationFilter
from api.resources.retention import PinActions
from api.serializers import TextField, read_body
from backups.documents import BackupSerializer
from backups.kinds.restore import RESTORE
from backups.models import Backup
from backups.selectors import get_backup, list_backups
from domain.states import OperationKind
from operations.documents import OperationSerializer
from operations.models import Operation
from operations.permissions import SEE_OPERATIONS, list_kind_permissions
from operations.selectors import get_instance, list_operations


class BackupFilter(filters.FilterSet):
    """`tenant`: a sub-domain; `instance`: an identifier."""

    tenant = filters.CharFilter(field_name="instance__tenant__slug")
    instance = filters.CharFilter(field_name="instance__identifier")

    class Meta:
        model = Backup
        fields = ("tenant", "instance", "state", "scope", "reason")


class BackupViewSet(DownloadActions, PinActions, StrictQueryMixin, viewsets.GenericViewSet[Backup]):
    """Backups, newest first."""

    parish_path = "instance__tenant"
    queryset = Backup.objects.none()
    permissions_required = {
        **{name: ("backups.view_backup",) for name in ("list", "retrieve")},
        **{name: ("backups.change_backup",) for name in ("pin", "unpin")},
        **DOWNLOAD_PERMISSIONS,
    }
    serializer_class = BackupSerializer
    filterset_class = BackupFilter
    lookup_field = "backup_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Backup]:
        """Return every backup."""
        return list_backups()

    @extend_schema(description="Backups, newest first.", responses=BackupSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of backups."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(BackupSerializer(page or [], many=True).data)

    @extend_schema(description="One backup.", responses=BackupSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Answer one backup."""
        return Response(BackupSerializer(get_backup(id)).data)


class RestoreFilter(OperationFilter):
    """As for operations, less their kind."""

    kind = None

    class Meta:
        model = Operation
        fields = ("instance", "state")


class RestoreBody(make_body(RESTORE)):  # type: ignore[misc]
    """`instance`: the one that is overwritten; the rest as at the instance itself."""

    instance = TextField(max_length=63)


class RestoreViewSet(StrictQueryMixin, viewsets.GenericViewSet[Operation]):
    """Restores are operations of that kind: followed and cancelled there."""

    parish_path = "instance__tenant"
    queryset = Operation.objects.none()
    permissions_required = {"list": (SEE_OPERATIONS,), "create": list_kind_permissions(OperationKind.RESTORE)}
    serializer_class = OperationSerializer
    filterset_class = RestoreFilter

    def get_queryset(self) -> QuerySet[Operation]:
        """Return every restore, with its steps."""
        return list_operations(kind=OperationKind.RESTORE)

    @extend_schema(description="Restores, newest first.", responses=OperationSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of restores."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(OperationSerializer(page or [], many=True).data)

    @describe_start(RestoreBody, "Put a backup back into an instance, or a copy of another one's.")
    def create(self, request: Request) -> Response:
        """Begin `restore`."""
        parameters = read_body(request, RestoreBody)
        instance = get_instance(parameters.pop("instance"))
        return begin_operation(request, OperationKind.RESTORE, instance, parameters=parameters)
