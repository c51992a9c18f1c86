"""Clusters: where instances run; read here, changed in the administration and by commands. No secret comes out."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.queries import StrictQueryMixin
from clusters.documents import CheckSerializer, ClusterSerializer, DriftSerializer, list_clusters, make_drift_document
from clusters.drift import look_for_drift, store_drift
from clusters.inspection import check_cluster
from clusters.models import Cluster
from clusters.registry import get_cluster


class ClusterViewSet(StrictQueryMixin, viewsets.GenericViewSet[Cluster]):
    """Clusters, by name."""

    queryset = Cluster.objects.none()
    permissions_required = {
        **{name: ("clusters.view_cluster",) for name in ("list", "retrieve")},
        **{name: ("clusters.change_cluster",) for name in ("ask_check", "ask_drift")},
    }
    serializer_class = ClusterSerializer
    filter_backends = ()
    lookup_field = "name"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Cluster]:
        """Return every cluster."""
        return list_clusters()

    @extend_schema(description="Clusters, by name.", responses=ClusterSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of clusters."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ClusterSerializer(page or [], many=True).data)

    @extend_schema(description="One cluster.", responses=ClusterSerializer)
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one cluster."""
        return Response(ClusterSerializer(self.get_queryset().get(pk=get_cluster(name).pk)).data)

    @extend_schema(
        description="Ask the cluster for everything that instances need; the answer is kept. Takes seconds.",
        request=None,
        responses={200: CheckSerializer},
    )
    @action(detail=True, methods=["post"], url_path="check", url_name="check")
    def ask_check(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Check the cluster now."""
        return Response(CheckSerializer(check_cluster(get_cluster(name), now=timezone.now())).data)

    @extend_schema(
        description="Compare what is on the cluster with what should be; the report is kept, nothing is changed.",
        request=None,
        responses={200: DriftSerializer},
    )
    @action(detail=True, methods=["post"], url_path="drift", url_name="drift")
    def ask_drift(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Look for drift now."""
        report = look_for_drift(get_cluster(name), now=timezone.now())
        return Response(make_drift_document(report.engine, report.level.value, report.at, store_drift(report)))
