"""Clusters as documents for the doors (REST, --json): never a secret, texts in the active language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from civiparoisse.document_fields import Document, IsSetField, ObjectField, TimeField
from clusters.kubeconfig import read_kubeconfig
from clusters.models import Cluster, ClusterReport, ReportKind
from clusters.parameters import RepairPolicy
from domain.cluster import IngressKind
from domain.errors import CiviparoisseError
from operations.documents import LEVELS, FindingSerializer
from tenants.models import Instance


def list_clusters() -> QuerySet[Cluster]:
    """Return every cluster by name, with the number of instances recorded on it (`instance_count`) and its reports
    without their documents; two queries."""
    same = Instance.objects.filter(engine=OuterRef("name")).order_by().values("engine").annotate(number=Count("pk"))
    count = Coalesce(Subquery(same.values("number"), output_field=IntegerField()), 0)
    reports = Prefetch("reports", queryset=ClusterReport.objects.defer("document"))
    return Cluster.objects.annotate(instance_count=count).prefetch_related(reports)


def describe_account(cluster: Cluster) -> dict[str, str | None]:
    """Return `server` (None for the cluster that the manager runs in) and `account`: token, certificate or pod."""
    try:
        if not cluster.kubeconfig:
            return {"server": None, "account": "pod"}
        facts = read_kubeconfig(cluster.kubeconfig)
    except CiviparoisseError:
        # Written past the doors, or with a key that is missing; whoever uses it will say what is wrong.
        return {"server": None, "account": "?"}
    return {"server": facts.server, "account": facts.account}


class LastLookSerializer(Document):
    """When somebody last looked, and the result."""

    level = serializers.ChoiceField(choices=LEVELS)
    at = TimeField(timespec="seconds")


class ClusterSerializer(Document):
    """A cluster as it is recorded. `server`: the API's address, null where the manager runs in the cluster itself.
    `instances`: how many are recorded on it. `settings`: those that differ from their defaults."""

    name = serializers.CharField()
    kubeconfig_set = IsSetField(source="kubeconfig")
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
    image_pull_config_set = IsSetField(source="image_pull_config")
    priority_class = serializers.CharField()
    spread_instances = serializers.BooleanField()
    settings = ObjectField()
    deletion_grace_hours = serializers.IntegerField()
    repair_policy = serializers.ChoiceField(choices=[policy.value for policy in RepairPolicy])
    repair_at_most = serializers.IntegerField()
    server = serializers.SerializerMethodField()
    account = serializers.SerializerMethodField()
    instances = serializers.IntegerField(source="instance_count")
    created_at = TimeField(timespec="seconds")
    check = serializers.SerializerMethodField()
    drift = serializers.SerializerMethodField()

    def get_server(self, cluster: Cluster) -> str | None:
        """Return the address of the API server."""
        return describe_account(cluster)["server"]

    @extend_schema_field(serializers.ChoiceField(choices=["pod", "token", "certificate", "?"]))
    def get_account(self, cluster: Cluster) -> str | None:
        """Return how the manager shows who it is."""
        return describe_account(cluster)["account"]

    @extend_schema_field(LastLookSerializer(allow_null=True))
    def get_check(self, cluster: Cluster) -> Any:
        """Return the last check, None where there was none."""
        return _show_last_look(cluster, ReportKind.CHECK)

    @extend_schema_field(LastLookSerializer(allow_null=True))
    def get_drift(self, cluster: Cluster) -> Any:
        """Return the last look for drift, None where there was none."""
        return _show_last_look(cluster, ReportKind.DRIFT)


class CheckSerializer(Document):
    """Whether a cluster has what instances need. `level`: of the worst finding."""

    cluster = serializers.CharField(source="cluster.name")
    level = serializers.ChoiceField(choices=LEVELS)
    checked_at = TimeField(source="at", timespec="seconds")
    findings = FindingSerializer(source="document.findings", many=True)


class DifferenceSerializer(Document):
    """One difference of one object; values are JSON texts, null when absent; a Secret's are never shown."""

    object = serializers.CharField()
    path = serializers.CharField()
    wanted = serializers.CharField(allow_null=True)
    found = serializers.CharField(allow_null=True)


class DriftedInstanceSerializer(Document):
    """An instance that is not what it should be. `count`: of all its differences; the first are listed."""

    instance = serializers.CharField()
    count = serializers.IntegerField()
    differences = DifferenceSerializer(many=True)


class DriftSerializer(Document):
    """What is on a cluster compared with what should be. `busy`: instances that an operation holds."""

    cluster = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    observed_at = TimeField(timespec="seconds")
    drifted = serializers.IntegerField()
    looked_at = serializers.IntegerField()
    busy = serializers.ListField(child=serializers.CharField())
    instances = DriftedInstanceSerializer(many=True)
    findings = FindingSerializer(many=True)


def make_drift_document(engine: str, level: str, at: datetime, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report of drift for the doors. `stored`: of clusters.drift.store_drift."""
    return dict(DriftSerializer({"cluster": engine, "level": level, "observed_at": at, **stored}).data)


def _show_last_look(cluster: Cluster, kind: ReportKind) -> Any:
    report = next((report for report in cluster.reports.all() if report.kind == kind.value), None)
    return None if report is None else LastLookSerializer(report).data
