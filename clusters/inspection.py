"""Looks at a cluster and keeps what was found; the doors show it. Never raises for what is wrong over there."""

import logging
from datetime import datetime, timedelta
from typing import Any

from clusters.kubeconfig import read_kubeconfig
from clusters.models import Cluster, ClusterReport, ReportKind
from clusters.renewal import renew_token
from clusters.settings import make_cluster_settings
from domain.errors import CiviparoisseError
from domain.finding_texts import finding_as_dict
from domain.findings import Finding, Level, find_worst

log = logging.getLogger("clusters")

# Time to make a new token and hand it over.
ACCOUNT_DAYS = 30


def check_cluster(cluster: Cluster, *, now: datetime) -> ClusterReport:
    """Ask the cluster for everything that instances need, and keep the answer. Takes seconds."""
    # Imported on first use: an installation without a cluster never loads the client, which is large.
    from engine.kubernetes.client import Connection
    from engine.kubernetes.reads import check_cluster as look

    try:
        connection = Connection(kubeconfig=cluster.kubeconfig or None)
        findings = look(cluster.name, connection, make_cluster_settings(cluster))
    except CiviparoisseError as error:
        findings = (Finding(code="api_unreachable", level=Level.CRITICAL, params=make_detail(error)),)
    findings = (*findings, *judge_account(cluster, now=now))
    document = {"findings": [finding_as_dict(finding) for finding in findings]}
    return keep_report(
        cluster, ReportKind.CHECK, level=find_worst(finding.level for finding in findings), at=now, document=document
    )


def check_clusters(*, now: datetime) -> list[str]:
    """Check every cluster, as the clock does; return the names of those that are not in order, and log them."""
    reports = []
    for cluster in Cluster.objects.order_by("name"):
        renew_token(cluster, now=now)
        report = check_cluster(cluster, now=now)
        if report.level != Level.OK.value:
            codes = [finding["code"] for finding in report.document["findings"] if finding["level"] != Level.OK.value]
            log.warning("check of %s: %s: %s", cluster.name, report.level, ", ".join(codes))
            reports.append(cluster.name)
    return reports


def judge_account(cluster: Cluster, *, now: datetime) -> tuple[Finding, ...]:
    """Return a finding about when the kubeconfig's account expires; none when it does not say."""
    try:
        facts = read_kubeconfig(cluster.kubeconfig) if cluster.kubeconfig else None
    except CiviparoisseError:
        return ()  # the look itself has told that it cannot be used
    if facts is None or facts.expires_at is None:
        return ()
    expires_at, spared = facts.expires_at, timedelta(days=ACCOUNT_DAYS)
    if facts.issued_at is not None:
        # One of a shorter life is renewed, or told, in its second half.
        spared = min(spared, (expires_at - facts.issued_at) / 2)
    params = {"at": expires_at.isoformat(timespec="minutes"), "cluster": cluster.name}
    code, level = "account_lasts", Level.OK
    if expires_at <= now:
        code, level = "account_expired", Level.CRITICAL
    elif expires_at < now + spared:
        code, level = "account_expires", Level.WARNING
    return (Finding(code=code, level=level, params=params),)


def make_detail(error: CiviparoisseError) -> dict[str, Any]:
    """Return what an engine's error says, as a parameter of a finding."""
    return {"detail": str(error.params.get("detail") or error.message)}


def keep_report(
    cluster: Cluster, kind: ReportKind, *, level: Level, at: datetime, document: dict[str, Any]
) -> ClusterReport:
    """Put the report in place of the last one of its kind, and return it."""
    values = {"level": level.value, "at": at, "document": document}
    report, _created = ClusterReport.objects.update_or_create(cluster=cluster, kind=kind.value, defaults=values)
    return report
