"""Plans and releases: what an instance can be made of. Read-only; the admin changes them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from api.queries import StrictQueryMixin
from tenants.models import Plan, PlanContainer, Release

TEXT_BY_NAME = {"type": "object", "additionalProperties": {"type": "string"}}


class PlanContainerSerializer(serializers.ModelSerializer[PlanContainer]):
    """Requests and limits of one container: CPU in millicores, memory in bytes."""

    class Meta:
        model = PlanContainer
        exclude = ("id", "plan")


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """Sizes of an instance; volumes in bytes."""

    containers = PlanContainerSerializer(many=True, read_only=True)

    class Meta:
        model = Plan
        exclude = ("id", "default_mark")


@extend_schema_field(TEXT_BY_NAME)
class TextByNameField(serializers.JSONField):
    """A mapping of names to texts."""


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A set of images. `images`: component to reference; `versions`: product to version."""

    images = TextByNameField()
    versions = TextByNameField()

    class Meta:
        model = Release
        exclude = ("id", "default_mark")


class PlanViewSet(StrictQueryMixin, viewsets.ReadOnlyModelViewSet[Plan]):
    """Plans."""

    permissions_required = {name: ("tenants.view_plan",) for name in ("list", "retrieve")}
    queryset = Plan.objects.prefetch_related("containers")
    serializer_class = PlanSerializer
    lookup_field = "name"
    lookup_value_regex = "[^/]+"


class ReleaseViewSet(StrictQueryMixin, viewsets.ReadOnlyModelViewSet[Release]):
    """Releases."""

    permissions_required = {name: ("tenants.view_release",) for name in ("list", "retrieve")}
    queryset = Release.objects.all()
    serializer_class = ReleaseSerializer
    lookup_field = "name"
    lookup_value_regex = "[^/]+"
