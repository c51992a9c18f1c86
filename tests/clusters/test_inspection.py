"""A look at a cluster is kept, in the place of the last one, and shown in the reader's language."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from clusters.documents import CheckSerializer
from clusters.inspection import check_cluster, check_clusters, keep_report, make_detail
from clusters.models import ClusterReport, ReportKind
from domain.errors import CiviparoisseError, EngineUnavailable
from domain.findings import Level
from tests.clusters.api_server import TOKEN, ApiServer
from tests.clusters.samples import make_cluster_row, make_kubeconfig

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_what_is_found_is_kept_as_codes(cluster_api: ApiServer) -> None:
    cluster_api.answers["/apis/metrics.k8s.io/v1beta1"] = 404
    row = make_cluster_row(kubeconfig=cluster_api.make_kubeconfig())
    check_cluster(row, now=datetime(2026, 11, 20, tzinfo=UTC))
    report = check_cluster(row, now=NOW)
    assert ClusterReport.objects.get(kind="check") == report and report.level == "warning"
    with translation.override("en"):
        shown = CheckSerializer(report).data
    metrics = next(found for found in shown["findings"] if found["code"] == "metrics_missing")
    assert shown["checked_at"] == "2026-11-21T08:00:00+00:00" and "metrics-server" in metrics["hint"]


def test_a_cluster_that_does_not_answer_is_critical_and_no_error(cluster_api: ApiServer) -> None:
    row = make_cluster_row(kubeconfig=make_kubeconfig(server="https://127.0.0.1:1"))
    report = check_cluster(row, now=NOW)
    assert report.level == "critical"
    assert [found["code"] for found in report.document["findings"]] == ["api_unreachable"]
    assert cluster_api.asked == [] and TOKEN not in str(report.document)


def test_a_kubeconfig_that_was_written_past_the_doors_is_told() -> None:
    row = make_cluster_row()
    row.kubeconfig = "x: ["
    row.save()
    report = check_cluster(row, now=NOW)
    assert [found["code"] for found in report.document["findings"]] == ["api_unreachable"]


def test_an_error_says_its_detail_or_itself() -> None:
    assert make_detail(EngineUnavailable(instance="x", detail="timeout")) == {"detail": "timeout"}
    assert "x" in make_detail(CiviparoisseError("not_found", what="cluster", name="x"))["detail"]


def test_reports_of_two_kinds_stand_side_by_side() -> None:
    row = make_cluster_row()
    for kind in ReportKind:
        keep_report(row, kind, level=Level.OK, at=NOW, document={})
    assert row.reports.count() == 2


@pytest.mark.parametrize(("days", "code"), [(-1, "account_expired"), (29, "account_expires"), (31, "account_lasts")])
def test_an_account_that_expires_soon_is_told(cluster_api: ApiServer, days: int, code: str) -> None:
    claims = json.dumps({"exp": int((NOW + timedelta(days=days)).timestamp())}).encode()
    token = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2ln"
    row = make_cluster_row(kubeconfig=cluster_api.make_kubeconfig(token=token))
    found = {one["code"]: one for one in CheckSerializer(check_cluster(row, now=NOW)).data["findings"]}
    assert code in found and (code == "account_lasts" or "cluster_update strasbourg" in found[code]["hint"])
    assert (found[code]["level"] == "critical") is (days < 0)


def test_the_clock_checks_every_cluster(cluster_api: ApiServer) -> None:
    make_cluster_row("albi", kubeconfig=cluster_api.make_kubeconfig())
    make_cluster_row(kubeconfig=make_kubeconfig(server="https://127.0.0.1:1"))
    assert check_clusters(now=NOW) == ["strasbourg"]
    assert ClusterReport.objects.filter(kind="check").count() == 2
