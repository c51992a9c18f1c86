"""Instances: what runs for a parish, and the operations that change it."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.filters import SearchFilter
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.queries import StrictQueryMixin
from api.resources.retention import RETENTION_PERMISSIONS, RetentionActions
from api.serializers import StrictSerializer, TextField, read_body
from api.versions import ETAG, IF_MATCH, compute_etag, refuse_changed
from backups.ages import make_last_good
from backups.proof_ages import make_last_proof
from clusters.settings import select_place
from domain.specs import InstanceKind
from domain.states import InstanceState
from offsite.protection import annotate_protection
from operations.documents import StoredErrorSerializer
from operations.registry import list_next_actions
from operations.selectors import get_instance
from tenants.models import Instance
from tenants.registry import create_instance, get_plan, get_release, get_tenant, update_new_instance


class InstanceSerializer(serializers.ModelSerializer[Instance]):
    """An instance as the manager knows it. `next_actions`: the operations that may be asked now.

    `good_backup_at`: when the last backup that it could be rebuilt from was begun; `protected_backup_at`: the newest of
    which a checked copy is elsewhere; `proven_backup_at`: when one was last proven by restoring it; null without one.
    """

    tenant = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    plan = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)
    release = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)
    next_actions = serializers.SerializerMethodField()
    good_backup_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    protected_backup_at = serializers.DateTimeField(
        source="protected_at", read_only=True, allow_null=True, default=None
    )
    proven_backup_at = serializers.DateTimeField(read_only=True, allow_null=True, default=None)
    error = StoredErrorSerializer(source="*", allow_null=True, read_only=True)

    class Meta:
        model = Instance
        exclude = ("id", "secrets", "error_code", "error_params", "grown_volumes")

    def get_next_actions(self, instance: Instance) -> list[str]:
        """Return the kinds of operation that its state allows."""
        return [kind.code for kind in list_next_actions(InstanceState(instance.state), instance.kind)]


def with_ages(rows: QuerySet[Instance]) -> QuerySet[Instance]:
    """Return the rows with the times of their backups that the serializer shows."""
    ages = {"good_backup_at": make_last_good("pk"), "proven_backup_at": make_last_proof("pk")}
    return annotate_protection(rows, now=timezone.now()).annotate(**ages)


class InstanceFilter(filters.FilterSet):
    """`tenant`: its sub-domain."""

    tenant = filters.CharFilter(field_name="tenant__slug")

    class Meta:
        model = Instance
        fields = ("tenant", "kind", "state", "engine")


class InstanceBody(StrictSerializer):
    """An instance to record. `plan`, `release`: the default ones unless named. `engine`: where it runs, local or the
    name of a cluster; the installation's default unless named."""

    tenant = TextField(max_length=40)
    kind = serializers.ChoiceField(choices=[kind.value for kind in InstanceKind], required=False)
    plan = TextField(max_length=40, required=False)
    release = TextField(max_length=40, required=False)
    engine = TextField(max_length=40, required=False)


class InstanceChangeBody(StrictSerializer):
    """What an instance that is not made yet is to be made of; what is absent stays."""

    plan = TextField(max_length=40, required=False)
    release = TextField(max_length=40, required=False)


class InstanceViewSet(RetentionActions, StrictQueryMixin, viewsets.ReadOnlyModelViewSet[Instance]):
    """Instances, by identifier."""

    parish_path = "tenant"
    permissions_required = {
        "list": ("tenants.view_instance",),
        "retrieve": ("tenants.view_instance",),
        "create": ("tenants.add_instance",),
        "partial_update": ("tenants.change_instance",),
        **RETENTION_PERMISSIONS,
    }
    queryset = Instance.objects.select_related("tenant", "plan", "release").defer("secrets")
    serializer_class = InstanceSerializer
    filter_backends = (filters.DjangoFilterBackend, SearchFilter)
    filterset_class = InstanceFilter
    search_fields = ("identifier", "host", "tenant__name")
    lookup_field = "identifier"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Instance]:
        """Return every instance, with the ages of its backups."""
        return with_ages(super().get_queryset())

    def get_object(self) -> Instance:
        """Return the instance named in the address. Raise NotFound."""
        return get_instance(self.kwargs["identifier"])

    @extend_schema(description="One instance.", responses=InstanceSerializer, parameters=[ETAG])
    def retrieve(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one instance, with the ETag that what is asked of it may name."""
        instance = self.get_object()
        shown = self.get_queryset().get(pk=instance.pk)
        return Response(InstanceSerializer(shown).data, headers={"ETag": compute_etag(instance)})

    @extend_schema(
        description=(
            "Choose another plan or release for an instance that is recorded and not made yet. One that is made is"
            " changed by `resize` and `upgrade`."
        ),
        request=InstanceChangeBody,
        responses=InstanceSerializer,
        parameters=[IF_MATCH, ETAG],
    )
    def partial_update(self, request: Request, identifier: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Change a new instance."""
        asked = read_body(request, InstanceChangeBody)
        with transaction.atomic():
            held = Instance.objects.select_for_update().get(pk=self.get_object().pk)
            refuse_changed(request, held, what=held.identifier)
            instance = update_new_instance(
                held,
                plan=get_plan(asked["plan"]) if "plan" in asked else None,
                release=get_release(asked["release"]) if "release" in asked else None,
                requested_by=get_requester(request),
            )
        return Response(InstanceSerializer(instance).data, headers={"ETag": compute_etag(instance)})

    @extend_schema(
        description="Record an instance of a parish; `provision` then creates it.",
        request=InstanceBody,
        responses={201: InstanceSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201]), ETAG],
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
        headers = {
            "Location": reverse("instance-detail", args=[instance.identifier]),
            "ETag": compute_etag(instance),
        }
        return Response(InstanceSerializer(instance).data, status.HTTP_201_CREATED, headers=headers)
