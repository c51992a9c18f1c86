"""cluster_check: its exit code is the result, each miss has its hint."""

import pytest

from clusters.models import ClusterReport
from tests.clusters.api_server import ApiServer
from tests.clusters.samples import make_cluster_row
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_the_exit_code_is_the_result(cluster_api: ApiServer) -> None:
    make_cluster_row(kubeconfig=cluster_api.make_kubeconfig())
    code, document = run_json("cluster_check", "strasbourg")
    assert (code, document["level"]) == (0, "ok")
    cluster_api.answers["/apis/metrics.k8s.io/v1beta1"] = 404
    assert run_json("cluster_check", "strasbourg")[0] == 1
    cluster_api.denied = {("patch", "secrets")}
    code, stdout, _stderr = run_command("cluster_check", "strasbourg")
    assert code == 2 and "patch secrets" in stdout and "kubectl apply -f deploy/rbac.yaml" in stdout
    report = ClusterReport.objects.get(kind="check")
    assert report.level == "critical", "the last result is kept"


def test_an_unknown_cluster_is_no_result() -> None:
    code, document = run_json("cluster_check", "metz")
    assert (code, document["error"]["code"]) == (3, "not_found")
    assert run_command("cluster_check", "metz")[0] == 3
