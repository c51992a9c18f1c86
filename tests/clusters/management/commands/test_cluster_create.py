"""cluster_create: from a file, flags, or both; the kubeconfig never on the command line nor in an answer."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from clusters.models import Cluster
from tests.clusters.samples import SECRET, make_kubeconfig
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db
FILE = """
domain: paroisses.example.org
ingress_kind: gateway
repair_at_most: 5
settings:
  ingress_cidrs: [10.1.0.0/16]
  dns_pod_labels: {k8s-app: coredns}
"""


@pytest.fixture
def kubeconfig(tmp_path: Path) -> str:
    """A kubeconfig in a file."""
    path = tmp_path / "kubeconfig"
    path.write_text(make_kubeconfig())
    return str(path)


def test_a_cluster_is_recorded_from_a_file_and_a_kubeconfig(tmp_path: Path, kubeconfig: str) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_text(FILE)
    arguments = ["strasbourg", "--file", str(path), "--kubeconfig-file", kubeconfig, "--ingress-kind", "traefik"]
    code, document = run_json("cluster_create", *arguments)
    assert code == 0 and document["next"] == "cluster_check strasbourg"
    row = Cluster.objects.get(name="strasbourg")
    assert (row.domain, row.ingress_kind, row.repair_at_most) == ("paroisses.example.org", "traefik", 5)
    assert row.settings == {"ingress_cidrs": ["10.1.0.0/16"], "dns_pod_labels": {"k8s-app": "coredns"}}
    assert row.kubeconfig == make_kubeconfig()
    assert document["cluster"]["kubeconfig_set"] and document["cluster"]["server"].startswith("https://")
    assert SECRET not in str(document)


def test_a_kubeconfig_comes_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(make_kubeconfig().encode())))
    code, stdout, stderr = run_command("cluster_create", "strasbourg", "--kubeconfig-file", "-")
    assert code == 0, stderr
    assert Cluster.objects.get().kubeconfig == make_kubeconfig() and SECRET not in stdout


def test_a_dry_run_writes_nothing(kubeconfig: str) -> None:
    code, stdout, _stderr = run_command("cluster_create", "strasbourg", "--kubeconfig-file", kubeconfig, "--dry-run")
    assert code == 0 and "strasbourg" in stdout and not Cluster.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["Strasbourg"], "invalid_cluster"),
        (["local"], "invalid_cluster"),
        (["strasbourg", "--repair-at-most", "many"], "invalid_cluster"),
        (["strasbourg", "--kubeconfig-file", "/nowhere"], "file_unreadable"),
        (["strasbourg", "--kubeconfig", "text"], "command_line_invalid"),
        (["strasbourg", "--kubeconf", "text"], "command_line_invalid"),
    ],
)
def test_what_is_wrong_is_refused(arguments: list[str], code: str) -> None:
    if code == "command_line_invalid":
        assert run_command("cluster_create", *arguments)[0] != 0
    else:
        ended, document = run_json("cluster_create", *arguments)
        assert (ended, document["error"]["code"]) == (1, code)
    assert not Cluster.objects.exists()
