"""Clusters: where instances run; read here, changed in the administration and by commands. No secret comes out."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.queries import StrictQueryMixin
from api.shapes import ObjectField, Shape
from clusters.documents import cluster_as_dict, list_clusters
from clusters.drift import drift_as_dict, look_for_drift, store_drift
from clusters.inspection import check_as_dict, check_cluster
from clusters.models import Cluster
from clusters.parameters import RepairPolicy
from clusters.registry import get_cluster
from domain.cluster import IngressKind
from domain.findings import Level

LEVELS = [level.value for level in Level]


class LastLookSerializer(Shape):
    """When somebody last looked, and the result."""

    level = serializers.ChoiceField(choices=LEVELS)
    at = serializers.DateTimeField()


class ClusterSerializer(Shape):
    """A cluster as it is recorded. `server`: the API's address, null where the manager runs in the cluster itself.
    `instances`: how many are recorded on it. `settings`: those that differ from their defaults."""

    name = serializers.CharField()
    kubeconfig_set = serializers.BooleanField()
    domain = serializers.CharField()
    storage_class = serializers.CharField()
    ingress_kind = serializers.ChoiceField(choices=[kind.value for kind in IngressKind])
    ingress_class = serializers.CharField()
    ingress_namespace = serializers.CharField()
    host_template = serializers.CharField()
    ingress_tls_secret = serializers.CharField()
    gateway_name = serializers.CharField()
    gateway_namespace = serializers.CharField()
    gateway_section = serializers.CharField()
    image_pull_config_set = serializers.BooleanField()
    priority_class = serializers.CharField()
    spread_instances = serializers.BooleanField()
    settings = ObjectField()
    deletion_grace_hours = serializers.IntegerField()
    repair_policy = serializers.ChoiceField(choices=[policy.value for policy in RepairPolicy])
    repair_at_most = serializers.IntegerField()
    server = serializers.CharField(allow_null=True)
    account = serializers.ChoiceField(choices=["pod", "token", "certificate", "?"])
    instances = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    check = LastLookSerializer(allow_null=True)
    drift = LastLookSerializer(allow_null=True)


class FindingSerializer(Shape):
    """One fact that a check found; the texts follow Accept-Language."""

    code = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    params = ObjectField()
    message = serializers.CharField()
    hint = serializers.CharField()


class CheckSerializer(Shape):
    """Whether a cluster has what instances need. `level`: of the worst finding."""

    cluster = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    checked_at = serializers.DateTimeField()
    findings = FindingSerializer(many=True)


class DifferenceSerializer(Shape):
    """One difference of one object; values are JSON texts, null when absent; a Secret's are never shown."""

    object = serializers.CharField()
    path = serializers.CharField()
    wanted = serializers.CharField(allow_null=True)
    found = serializers.CharField(allow_null=True)


class DriftedInstanceSerializer(Shape):
    """An instance that is not what it should be. `count`: of all its differences; the first are listed."""

    instance = serializers.CharField()
    count = serializers.IntegerField()
    differences = DifferenceSerializer(many=True)


class DriftSerializer(Shape):
    """What is on a cluster compared with what should be. `busy`: instances that an operation holds."""

    cluster = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    observed_at = serializers.DateTimeField()
    drifted = serializers.IntegerField()
    looked_at = serializers.IntegerField()
    busy = serializers.ListField(child=serializers.CharField())
    instances = DriftedInstanceSerializer(many=True)
    findings = FindingSerializer(many=True)


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
        return self.get_paginated_response([cluster_as_dict(row) for row in page or []])

    @extend_schema(description="One cluster.", responses=ClusterSerializer)
    def retrieve(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer one cluster."""
        return Response(cluster_as_dict(self.get_queryset().get(pk=get_cluster(name).pk)))

    @extend_schema(
        description="Ask the cluster for everything that instances need; the answer is kept. Takes seconds.",
        request=None,
        responses={200: CheckSerializer},
    )
    @action(detail=True, methods=["post"], url_path="check", url_name="check")
    def ask_check(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Check the cluster now."""
        return Response(check_as_dict(check_cluster(get_cluster(name), now=timezone.now())))

    @extend_schema(
        description="Compare what is on the cluster with what should be; the report is kept, nothing is changed.",
        request=None,
        responses={200: DriftSerializer},
    )
    @action(detail=True, methods=["post"], url_path="drift", url_name="drift")
    def ask_drift(self, request: Request, name: str) -> Response:  # noqa: ARG002 - DRF's signature
        """Look for drift now."""
        report = look_for_drift(get_cluster(name), now=timezone.now())
        return Response(drift_as_dict(report.engine, report.level.value, report.at, store_drift(report)))
