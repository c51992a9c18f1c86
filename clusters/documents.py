"""Clusters as documents for the doors: JSON values, never a secret."""

from typing import Any

from clusters.kubeconfig import read_kubeconfig
from clusters.models import Cluster, ClusterReport, ReportKind
from clusters.parameters import PARAMETERS, SECRET_FIELDS
from domain.errors import CiviparoisseError
from tenants.models import Instance


def cluster_as_dict(cluster: Cluster) -> dict[str, Any]:
    """Return the cluster's parameters; of a secret only whether there is one (`…_set`); the address it is reached at
    and how, the number of instances recorded on it, and the results of the last looks."""
    shown: dict[str, Any] = {}
    for name in PARAMETERS:
        value = getattr(cluster, name)
        shown.update({f"{name}_set": bool(value)} if name in SECRET_FIELDS else {name: value})
    instances = Instance.objects.filter(engine=cluster.name)
    return {
        **shown,
        **describe_account(cluster),
        "instances": instances.count(),
        "created_at": cluster.created_at.isoformat(timespec="seconds"),
        **{kind.value: report_as_dict(cluster, kind) for kind in ReportKind},
    }


def describe_account(cluster: Cluster) -> dict[str, str | None]:
    """Return `server` (None for the cluster that the manager runs in) and `account`: token, certificate or pod."""
    if not cluster.kubeconfig:
        return {"server": None, "account": "pod"}
    try:
        facts = read_kubeconfig(cluster.kubeconfig)
    except CiviparoisseError:
        # Written past the doors; whoever uses it will say what is wrong.
        return {"server": None, "account": "?"}
    return {"server": facts.server, "account": facts.account}


def report_as_dict(cluster: Cluster, kind: ReportKind) -> dict[str, Any] | None:
    """Return when the last look of that kind was and its result, None when there was none."""
    row = ClusterReport.objects.filter(cluster=cluster, kind=kind.value).only("level", "at").first()
    return None if row is None else {"level": row.level, "at": row.at.isoformat(timespec="seconds")}
