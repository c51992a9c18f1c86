"""Tenants: the parishes and their parameters. Passwords go in and never come out."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.filters import SearchFilter
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.queries import StrictQueryMixin
from api.tenant_bodies import CHANGED, NEW, read_object, refer_to
from api.versions import ETAG, IF_MATCH, compute_etag, refuse_changed
from domain.errors import InvalidValue
from domain.parameters import PARAMETERS, SECRET_FIELDS
from tenants.models import Tenant
from tenants.registry import create_tenant, delete_tenant, get_tenant, update_tenant


class TenantSerializer(serializers.ModelSerializer[Tenant]):
    """A parish, without its passwords."""

    class Meta:
        model = Tenant
        fields = (*(name for name in PARAMETERS if name not in SECRET_FIELDS), "created_at")


class TenantFilter(filters.FilterSet):
    """Exact values."""

    class Meta:
        model = Tenant
        fields = ("slug", "city", "postcode")


class TenantViewSet(StrictQueryMixin, viewsets.ReadOnlyModelViewSet[Tenant]):
    """Parishes, by sub-domain."""

    parish_path = "pk"
    permissions_required = {
        "list": ("tenants.view_tenant",),
        "retrieve": ("tenants.view_tenant",),
        "create": ("tenants.add_tenant",),
        "partial_update": ("tenants.change_tenant",),
        "destroy": ("tenants.delete_tenant",),
    }
    queryset = Tenant.objects.defer(*SECRET_FIELDS)
    serializer_class = TenantSerializer
    filter_backends = (filters.DjangoFilterBackend, SearchFilter)
    filterset_class = TenantFilter
    search_fields = ("slug", "name", "city")
    lookup_field = "slug"
    lookup_value_regex = "[^/]+"

    def get_object(self) -> Tenant:
        """Return the parish named in the address. Raise NotFound."""
        return get_tenant(self.kwargs["slug"])

    @extend_schema(description="One parish.", responses=TenantSerializer, parameters=[ETAG])
    def retrieve(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one parish, with the ETag that a change may name."""
        tenant = self.get_object()
        return Response(TenantSerializer(tenant).data, headers={"ETag": compute_etag(tenant)})

    @extend_schema(
        description="Record a parish. Nothing is installed: that is an instance. All faults are named at once.",
        request=refer_to(NEW),
        responses={201: TenantSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201]), ETAG],
    )
    def create(self, request: Request) -> Response:
        """Record a parish."""
        tenant = create_tenant(read_object(request), requested_by=get_requester(request))
        headers = {"Location": reverse("tenant-detail", args=[tenant.slug]), "ETag": compute_etag(tenant)}
        return Response(TenantSerializer(tenant).data, status.HTTP_201_CREATED, headers=headers)

    @extend_schema(
        description="Change some parameters; those absent keep their value, an empty one gets its default.",
        request=refer_to(CHANGED),
        responses=TenantSerializer,
        parameters=[IF_MATCH, ETAG],
    )
    def partial_update(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Change a parish."""
        body = read_object(request)
        with transaction.atomic():
            tenant = self._lock(request)
            if body.get("slug", tenant.slug) != tenant.slug:
                reason = _("cannot change: instances and backups are named by it.")
                raise InvalidValue(field="slug", reason=reason, well_formed=True)
            tenant = update_tenant(tenant, body, requested_by=get_requester(request))
        return Response(TenantSerializer(tenant).data, headers={"ETag": compute_etag(tenant)})

    @extend_schema(
        description="Forget a parish of which nothing is left; refused while an instance or a backup exists.",
        responses={204: None},
        parameters=[IF_MATCH],
    )
    def destroy(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Delete a parish."""
        with transaction.atomic():
            delete_tenant(self._lock(request), requested_by=get_requester(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _lock(self, request: Request) -> Tenant:
        """Return the parish, held until the change is written. Raise NotFound, or what `refuse_changed` raises."""
        tenant = Tenant.objects.select_for_update().get(pk=self.get_object().pk)
        refuse_changed(request, tenant, what=tenant.slug)
        return tenant
