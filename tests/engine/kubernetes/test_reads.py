"""Questions go out with the account's token over verified TLS, and a failure says what without a secret."""

from collections.abc import Iterator

import pytest
import yaml

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError, ClusterUnreachable
from domain.findings import Level, find_worst
from engine.kubernetes.client import Connection
from engine.kubernetes.permissions import read_permissions, select_needed
from engine.kubernetes.reads import check_cluster
from tests.clusters.api_server import REVIEW, TOKEN, ApiServer, serve_api


@pytest.fixture(scope="module")
def api() -> Iterator[ApiServer]:
    """A server that has everything."""
    with serve_api() as server:
        yield server


def test_a_cluster_is_looked_at_over_https(api: ApiServer) -> None:
    api.asked.clear()
    found = check_cluster("strasbourg", Connection(api.make_kubeconfig()), ClusterSettings())
    assert find_worst(finding.level for finding in found) is Level.OK
    needed = select_needed(read_permissions(), ClusterSettings())
    assert api.asked.count(f"POST {REVIEW}") == len(needed) + 1, "each that is needed, and all there are"
    # Beside the reviews: one namespace that is asked for by dry run (test_pod_security.py).
    others = [line for line in api.asked if not line.endswith(REVIEW) and not line.startswith("GET ")]
    assert others == ["POST /api/v1/namespaces"]


def test_a_wrong_token_is_one_finding(api: ApiServer) -> None:
    found = check_cluster("strasbourg", Connection(api.make_kubeconfig(token="other")), ClusterSettings())
    assert [finding.code for finding in found] == ["api_refused"]


def test_a_server_of_another_authority_is_not_asked(api: ApiServer) -> None:
    document = yaml.safe_load(api.make_kubeconfig())
    with serve_api() as other:
        stranger = yaml.safe_load(other.make_kubeconfig())
    document["clusters"][0]["cluster"]["certificate-authority-data"] = stranger["clusters"][0]["cluster"][
        "certificate-authority-data"
    ]
    api.asked.clear()
    with pytest.raises(ClusterUnreachable) as refused:
        check_cluster("strasbourg", Connection(yaml.safe_dump(document)), ClusterSettings())
    assert api.asked == [] and TOKEN not in str(refused.value)


def test_a_server_that_is_gone_is_unavailable() -> None:
    with serve_api() as server:
        kubeconfig = server.make_kubeconfig()
    with pytest.raises(ClusterUnreachable) as refused:
        check_cluster("strasbourg", Connection(kubeconfig), ClusterSettings())
    assert refused.value.params["instance"] == "strasbourg" and TOKEN not in str(refused.value.params)


def test_without_an_account_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(CiviparoisseError) as refused:
        check_cluster("strasbourg", Connection(), ClusterSettings())
    assert refused.value.code == "kubeconfig_invalid"
