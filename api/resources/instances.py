"""Instances: what runs for a parish, and the operations that change it."""

from typing import Any

from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.filters import SearchFilter
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import begin_operation, describe_start
from api.queries import StrictQueryMixin
from api.serializers import FlagField, StrictSerializer, TextField, read_body
from api.shapes import StoredErrorSerializer
from backups.models import BackupMode, BackupScope
from backups.parameters import CODECS
from backups.prune_parameters import MOST_DAYS, MOST_SETS
from clusters.settings import select_place
from domain.specs import DATABASES, InstanceKind
from domain.states import InstanceState, OperationKind
from operations.permissions import list_kind_permissions
from operations.registry import list_kinds, list_next_actions
from operations.selectors import get_instance, make_error
from tenants.models import Instance
from tenants.registry import create_instance, get_plan, get_release, get_tenant

# As backups are named: a time and a random part; anything else names none.
BACKUP_ID = r"^[0-9A-Za-z-]+$"


class InstanceSerializer(serializers.ModelSerializer[Instance]):
    """An instance as the manager knows it. `next_actions`: the operations that may be asked now."""

    tenant = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    plan = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)
    release = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)
    next_actions = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = Instance
        exclude = ("id", "secrets", "error_code", "error_params", "grown_volumes")

    def get_next_actions(self, instance: Instance) -> list[str]:
        """Return the kinds of operation that its state allows."""
        return [kind.code for kind in list_next_actions(InstanceState(instance.state))]

    @extend_schema_field(StoredErrorSerializer(allow_null=True))
    def get_error(self, instance: Instance) -> dict[str, Any] | None:
        """Return why it failed, None when it did not."""
        return make_error(instance.error_code, instance.error_params)


class InstanceFilter(filters.FilterSet):
    """`tenant`: its sub-domain."""

    tenant = filters.CharFilter(field_name="tenant__slug")

    class Meta:
        model = Instance
        fields = ("tenant", "kind", "state", "engine")


# The method of the resource that begins each kind; one called `delete` Django would take for the handler of DELETE.
KIND_ACTIONS = {kind.path if kind.path != "delete" else "ask_deletion": kind.code for kind in list_kinds()}


class NoParameters(StrictSerializer):
    """An operation without parameters."""


class ProvisionParameters(StrictSerializer):
    """Whether it is created even where it may not fit."""

    over_capacity = FlagField(required=False, help_text="Also when no node seems to have room (not by default).")


class DeletionParameters(StrictSerializer):
    """`confirm`: the instance's identifier, also for a dry run."""

    final_backup = FlagField(required=False, help_text="Take a last backup first (default).")
    purge_backups = FlagField(required=False, help_text="Delete its backups too (not by default).")
    confirm = TextField(max_length=63)


class BackupParameters(StrictSerializer):
    """What to back up and how; every field has a default."""

    scope = serializers.ChoiceField(choices=BackupScope.values, required=False)
    mode = serializers.ChoiceField(choices=BackupMode.values, required=False)
    codec = serializers.ChoiceField(choices=CODECS, required=False)


class RestoreParameters(StrictSerializer):
    """Which backup is put back. `source`: of which instance it is, when not of the one that is overwritten.
    `confirm`: the identifier of the instance that is overwritten."""

    backup_id = TextField(max_length=32)
    confirm = TextField(max_length=63)
    source = TextField(max_length=63, required=False)
    scope = serializers.ChoiceField(choices=BackupScope.values, required=False)
    database = serializers.ChoiceField(choices=DATABASES, required=False)
    safety_backup = FlagField(required=False, help_text="Take a backup first (default).")


class PruneParameters(StrictSerializer):
    """Which backups are removed for good: those older than an age (the installation's retention by default), or some by
    name. `confirm`: the instance's identifier."""

    older_than_days = serializers.IntegerField(required=False, min_value=1, max_value=MOST_DAYS)
    backup_ids = serializers.ListField(
        child=serializers.RegexField(BACKUP_ID, max_length=32), required=False, max_length=MOST_SETS
    )
    confirm = TextField(max_length=63)


class ResizeParameters(StrictSerializer):
    """Which plan the instance gets."""

    plan = TextField(max_length=40)
    over_capacity = FlagField(required=False, help_text="Also when no node seems to have room (not by default).")


class UpgradeParameters(StrictSerializer):
    """Which release the instance gets. `confirm`: its identifier, needed when the safety backup is refused."""

    release = TextField(max_length=40)
    safety_backup = FlagField(required=False, help_text="Take a backup first (default).")
    confirm = TextField(required=False, allow_blank=True, trim_whitespace=False, max_length=63)


class InstanceBody(StrictSerializer):
    """An instance to record. `plan`, `release`: the default ones unless named. `engine`: where it runs, local or the
    name of a cluster; the installation's default unless named."""

    tenant = TextField(max_length=40)
    kind = serializers.ChoiceField(choices=[kind.value for kind in InstanceKind], required=False)
    plan = TextField(max_length=40, required=False)
    release = TextField(max_length=40, required=False)
    engine = TextField(max_length=40, required=False)


class InstanceViewSet(StrictQueryMixin, viewsets.ReadOnlyModelViewSet[Instance]):
    """Instances, by identifier."""

    permissions_required = {
        "list": ("tenants.view_instance",),
        "retrieve": ("tenants.view_instance",),
        "create": ("tenants.add_instance",),
        **{action: list_kind_permissions(kind) for action, kind in KIND_ACTIONS.items()},
    }
    queryset = Instance.objects.select_related("tenant", "plan", "release").defer("secrets")
    serializer_class = InstanceSerializer
    filter_backends = (filters.DjangoFilterBackend, SearchFilter)
    filterset_class = InstanceFilter
    search_fields = ("identifier", "host", "tenant__name")
    lookup_field = "identifier"
    lookup_value_regex = "[^/]+"

    def get_object(self) -> Instance:
        """Return the instance named in the address. Raise NotFound."""
        return get_instance(self.kwargs["identifier"])

    @extend_schema(
        description="Record an instance of a parish; `provision` then creates it.",
        request=InstanceBody,
        responses={201: InstanceSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])],
    )
    def create(self, request: Request) -> Response:
        """Record an instance."""
        asked = read_body(request, InstanceBody)
        instance = create_instance(
            get_tenant(asked["tenant"]),
            kind=InstanceKind(asked.get("kind", InstanceKind.PRODUCTION)),
            plan=get_plan(asked["plan"]) if "plan" in asked else None,
            release=get_release(asked["release"]) if "release" in asked else None,
            **select_place(asked.get("engine")),
        )
        headers = {"Location": reverse("instance-detail", args=[instance.identifier])}
        return Response(InstanceSerializer(instance).data, status.HTTP_201_CREATED, headers=headers)

    @describe_start(ProvisionParameters, "Create the instance, or create it again after a deletion.")
    @action(detail=True, methods=["post"])
    def provision(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `provision`."""
        return self._begin(request, OperationKind.PROVISION, ProvisionParameters)

    @describe_start(NoParameters, "Stop the servers and the cron; the data stays.")
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `suspend`."""
        return self._begin(request, OperationKind.SUSPEND, NoParameters)

    @describe_start(NoParameters, "Start again on the data that stayed.")
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `resume`."""
        return self._begin(request, OperationKind.RESUME, NoParameters)

    @describe_start(DeletionParameters, "Purge the instance's data, by default after a final backup that is kept.")
    @action(detail=True, methods=["post"], url_path="delete", url_name="delete")
    def ask_deletion(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `delete`. Not named `delete`: Django would take it for the handler of every DELETE."""
        return self._begin(request, OperationKind.DELETE, DeletionParameters)

    @describe_start(BackupParameters, "Take a backup.")
    @action(detail=True, methods=["post"])
    def backups(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `backup`."""
        return self._begin(request, OperationKind.BACKUP, BackupParameters)

    @describe_start(PruneParameters, "Remove backups that are out of retention; the newest good one always stays.")
    @action(detail=True, methods=["post"])
    def prune(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `prune`."""
        return self._begin(request, OperationKind.PRUNE, PruneParameters)

    @describe_start(RestoreParameters, "Put a backup back into this instance, or a copy of another one's.")
    @action(detail=True, methods=["post"])
    def restores(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `restore`."""
        return self._begin(request, OperationKind.RESTORE, RestoreParameters)

    @describe_start(ResizeParameters, "Give the instance another plan: other sizes, the same data.")
    @action(detail=True, methods=["post"])
    def resize(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `resize`."""
        return self._begin(request, OperationKind.RESIZE, ResizeParameters)

    @describe_start(UpgradeParameters, "Bring the instance to another release; what fails is put back as it was.")
    @action(detail=True, methods=["post"])
    def upgrade(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin `upgrade`."""
        return self._begin(request, OperationKind.UPGRADE, UpgradeParameters)

    def _begin(self, request: Request, kind: str, body: type[StrictSerializer]) -> Response:
        return begin_operation(request, kind, self.get_object(), parameters=read_body(request, body))
