"""Clusters as documents for the doors: JSON values, never a secret."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clusters.kubeconfig import read_kubeconfig
from clusters.models import Cluster, ClusterReport, ReportKind
from clusters.parameters import PARAMETERS, SECRET_FIELDS
from domain.errors import CiviparoisseError
from tenants.models import Instance


def list_clusters() -> QuerySet[Cluster]:
    """Return every cluster by name, with the number of instances recorded on it (`instance_count`) and its reports
    without their documents; two queries."""
    same = Instance.objects.filter(engine=OuterRef("name")).order_by().values("engine").annotate(number=Count("pk"))
    count = Coalesce(Subquery(same.values("number"), output_field=IntegerField()), 0)
    reports = Prefetch("reports", queryset=ClusterReport.objects.defer("document"))
    return Cluster.objects.annotate(instance_count=count).prefetch_related(reports)


def cluster_as_dict(cluster: Any) -> dict[str, Any]:
    """Return the parameters of one of `list_clusters`; of a secret only whether there is one (`…_set`); the address
    it is reached at and how, the number of instances recorded on it, and the results of the last looks."""
    shown: dict[str, Any] = {}
    for name in PARAMETERS:
        value = getattr(cluster, name)
        shown.update({f"{name}_set": bool(value)} if name in SECRET_FIELDS else {name: value})
    reports = {report.kind: report_as_dict(report) for report in cluster.reports.all()}
    return {
        **shown,
        **describe_account(cluster),
        "instances": cluster.instance_count,
        "created_at": cluster.created_at.isoformat(timespec="seconds"),
        **{kind.value: reports.get(kind.value) for kind in ReportKind},
    }


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


def report_as_dict(report: ClusterReport) -> dict[str, Any]:
    """Return when the look was and its result."""
    return {"level": report.level, "at": report.at.isoformat(timespec="seconds")}
