"""cluster_update: what is not given stays."""

import subprocess
import sys
from pathlib import Path

import pytest

from clusters.models import Cluster
from tests.clusters.samples import make_cluster_row, make_kubeconfig
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_a_token_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    make_cluster_row(storage_class="fast")
    path = tmp_path / "kubeconfig"
    path.write_text(make_kubeconfig(user={"token": "another"}))
    code, document = run_json("cluster_update", "strasbourg", "--kubeconfig-file", str(path))
    assert code == 0 and document["cluster"]["storage_class"] == "fast"
    assert "another" in Cluster.objects.get().kubeconfig and "another" not in str(document)
    assert "strasbourg" in run_command("cluster_update", "strasbourg", "--priority-class", "high")[1]
    assert Cluster.objects.get().priority_class == "high"


def test_a_dry_run_changes_nothing() -> None:
    make_cluster_row()
    code, stdout, _stderr = run_command("cluster_update", "strasbourg", "--storage-class", "fast", "--dry-run")
    assert code == 0 and stdout and Cluster.objects.get().storage_class == ""


def test_an_unknown_cluster_is_named() -> None:
    code, document = run_json("cluster_update", "metz", "--storage-class", "fast")
    assert (code, document["error"]["params"]) == (1, {"what": "cluster", "name": "metz"})


def test_a_rare_setting_is_set_alone_and_an_unknown_one_refused() -> None:
    make_cluster_row(settings={"dns_namespace": "dns"})
    assert run_command("cluster_update", "strasbourg", "--set", "most_nodes=5")[0] == 0
    assert Cluster.objects.get().settings == {"dns_namespace": "dns", "most_nodes": 5}
    code, document = run_json("cluster_update", "strasbourg", "--set", "most_knots=5")
    assert code == 1 and document["error"]["code"] == "invalid_cluster"


def test_the_flag_of_django_is_no_traceback() -> None:
    root = Path(__file__).resolve().parents[4]
    for flag in (["--settings", '{"most_nodes": 5}'], ["--settings=no.such.module"], ["--settings"]):
        command = [sys.executable, "manage.py", "cluster_update", "strasbourg", *flag]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 2 and "Traceback" not in done.stderr and "--set NAME=VALUE" in done.stderr
