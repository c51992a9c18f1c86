"""Plans and releases: what an instance can be made of. Sizes in bytes and millicores."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.queries import StrictQueryMixin
from api.serializers import FlagField, StrictSerializer, TextField, read_body
from api.versions import ETAG, IF_MATCH, compute_etag, refuse_changed
from civiparoisse.document_fields import TextByNameField
from domain.specs import CONTAINERS, IMAGE_ROLES
from tenants.catalogue import (
    create_plan,
    create_release,
    plan_as_dict,
    release_as_dict,
    update_plan,
    update_release,
)
from tenants.models import Plan, PlanContainer, Release
from tenants.registry import get_plan, get_release

# Of the columns: PositiveBigIntegerField, PositiveIntegerField, PositiveSmallIntegerField.
MOST_BYTES, MOST_COUNT, MOST_SMALL = 2**63 - 1, 2**31 - 1, 2**15 - 1
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])


def _count(most: int, least: int = 1) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=most, required=False)


class PlanContainerSerializer(serializers.ModelSerializer[PlanContainer]):
    """Requests and limits of one container: CPU in millicores, memory in bytes."""

    class Meta:
        model = PlanContainer
        exclude = ("id", "plan")


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """Sizes of an instance; volumes in bytes. `instances`: how many have it."""

    containers = PlanContainerSerializer(many=True, read_only=True)
    instances = serializers.IntegerField()

    class Meta:
        model = Plan
        exclude = ("id", "default_mark")


class PlanContainerBody(StrictSerializer):
    """One container; amounts that are absent keep their value."""

    container = serializers.ChoiceField(choices=CONTAINERS)
    cpu_request_millicores = _count(MOST_COUNT)
    cpu_limit_millicores = _count(MOST_COUNT)
    memory_request_bytes = _count(MOST_BYTES)
    memory_limit_bytes = _count(MOST_BYTES)


class PlanChangeBody(StrictSerializer):
    """What may be changed; what is absent keeps its value. Instances take it up when they are next applied."""

    is_default = FlagField(required=False)
    db_volume_bytes = _count(MOST_BYTES)
    files_volume_bytes = _count(MOST_BYTES)
    private_volume_bytes = _count(MOST_BYTES)
    backups_volume_bytes = _count(MOST_BYTES)
    max_request_workers = _count(MOST_SMALL)
    server_limit = _count(MOST_SMALL)
    start_servers = _count(MOST_SMALL)
    min_spare_servers = _count(MOST_SMALL)
    max_spare_servers = _count(MOST_SMALL)
    max_connections_per_child = _count(MOST_COUNT, 0)
    listen_backlog = _count(MOST_COUNT)
    containers = PlanContainerBody(many=True, required=False)


class PlanBody(PlanChangeBody):
    """A plan to record. `like`: the plan whose sizes it has where none are given."""

    name = TextField(max_length=40, pattern="[-a-zA-Z0-9_]{1,40}")
    like = TextField(max_length=40, required=False)


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A set of images. `images`: component to reference; `versions`: product to version; `instances`: how many have
    it."""

    images = TextByNameField()
    versions = TextByNameField()
    instances = serializers.IntegerField()

    class Meta:
        model = Release
        exclude = ("id", "default_mark")


class ImagesBody(StrictSerializer):
    """References of images by role; an empty text takes one out, so that the blueprint's is used."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return a text for every role."""
        return {role: TextField(max_length=300, required=False, allow_blank=True) for role in IMAGE_ROLES}


class ReleaseChangeBody(StrictSerializer):
    """What may be changed; what is absent keeps its value."""

    is_default = FlagField(required=False)
    images = ImagesBody(required=False)
    versions = serializers.DictField(child=TextField(max_length=100, allow_blank=True), required=False)


class ReleaseBody(ReleaseChangeBody):
    """A release to record. `like`: the release whose images and versions it has where none are given."""

    # Part of the address of what is made: no slash.
    name = TextField(max_length=40, pattern=r"[^\x00-\x1f\x7f/]{1,40}")
    like = TextField(max_length=40, required=False)


class CatalogueViewSet(StrictQueryMixin, viewsets.GenericViewSet[Any]):
    """What plans and releases have in common: read, recorded and changed by name."""

    lookup_field = "name"
    lookup_value_regex = "[^/]+"

    # The function that makes a row's document.
    show: Callable[[Any], dict[str, Any]]

    def answer(self, row: Any, code: int = status.HTTP_200_OK, **headers: str) -> Response:
        """Answer one row, with the ETag that a change may name."""
        document = self.show(row)
        return Response(document, code, headers={"ETag": compute_etag(document), **headers})

    def answer_page(self) -> Response:
        """Answer a page of rows."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([self.show(row) for row in page or []])

    def lock(self, request: Request, row: Any) -> Any:
        """Return the row, held until the change is written. Raise what `refuse_changed` raises."""
        held = type(row).objects.select_for_update().get(pk=row.pk)
        refuse_changed(request, self.show(held), what=held.name)
        return held


class PlanViewSet(CatalogueViewSet):
    """Plans, by name."""

    of_no_parish = True
    permissions_required = {
        "list": ("tenants.view_plan",),
        "retrieve": ("tenants.view_plan",),
        "create": ("tenants.add_plan",),
        "partial_update": ("tenants.change_plan",),
    }
    queryset = Plan.objects.prefetch_related("containers")
    serializer_class = PlanSerializer
    show = staticmethod(plan_as_dict)

    @extend_schema(description="Plans, by name.", responses=PlanSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of plans."""
        return self.answer_page()

    @extend_schema(description="One plan.", responses=PlanSerializer, parameters=[ETAG])
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one plan."""
        return self.answer(get_plan(name))

    @extend_schema(
        description="Record a plan: every size, or those that differ from the plan `like`.",
        request=PlanBody,
        responses={201: PlanSerializer},
        parameters=[LOCATION, ETAG],
    )
    def create(self, request: Request) -> Response:
        """Record a plan."""
        values = _read_plan(read_body(request, PlanBody))
        like = get_plan(values.pop("like")) if "like" in values else None
        plan = create_plan(values, like=like, requested_by=get_requester(request))
        return self.answer(plan, status.HTTP_201_CREATED, Location=reverse("plan-detail", args=[plan.name]))

    @extend_schema(
        description="Change some sizes; the name stays. A volume that an instance has never gets smaller.",
        request=PlanChangeBody,
        responses=PlanSerializer,
        parameters=[IF_MATCH, ETAG],
    )
    def partial_update(self, request: Request, name: str) -> Response:
        """Change a plan."""
        values = _read_plan(read_body(request, PlanChangeBody))
        with transaction.atomic():
            plan = self.lock(request, get_plan(name))
            return self.answer(update_plan(plan, values, requested_by=get_requester(request)))


class ReleaseViewSet(CatalogueViewSet):
    """Releases, by name."""

    of_no_parish = True
    permissions_required = {
        "list": ("tenants.view_release",),
        "retrieve": ("tenants.view_release",),
        "create": ("tenants.add_release",),
        "partial_update": ("tenants.change_release",),
    }
    queryset = Release.objects.all()
    serializer_class = ReleaseSerializer
    show = staticmethod(release_as_dict)

    @extend_schema(description="Releases, by name.", responses=ReleaseSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of releases."""
        return self.answer_page()

    @extend_schema(description="One release.", responses=ReleaseSerializer, parameters=[ETAG])
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one release."""
        return self.answer(get_release(name))

    @extend_schema(
        description="Record a release; images that it does not name are the blueprint's.",
        request=ReleaseBody,
        responses={201: ReleaseSerializer},
        parameters=[LOCATION, ETAG],
    )
    def create(self, request: Request) -> Response:
        """Record a release."""
        values = read_body(request, ReleaseBody)
        like = get_release(values.pop("like")) if "like" in values else None
        release = create_release(values, like=like, requested_by=get_requester(request))
        return self.answer(release, status.HTTP_201_CREATED, Location=reverse("release-detail", args=[release.name]))

    @extend_schema(
        description="Change some images or versions; the name stays.",
        request=ReleaseChangeBody,
        responses=ReleaseSerializer,
        parameters=[IF_MATCH, ETAG],
    )
    def partial_update(self, request: Request, name: str) -> Response:
        """Change a release."""
        values = read_body(request, ReleaseChangeBody)
        with transaction.atomic():
            release = self.lock(request, get_release(name))
            return self.answer(update_release(release, values, requested_by=get_requester(request)))


def _read_plan(values: dict[str, Any]) -> dict[str, Any]:
    """Return a body's values with containers by name."""
    if "containers" in values:
        rows = [dict(row) for row in values["containers"]]
        values["containers"] = {row.pop("container"): row for row in rows}
    return values
