"""docs/clusters.md, command by command, as a new administrator types it: on the real cluster, into a fresh database."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from clusters.inspection import check_cluster
from clusters.kubeconfig import read_kubeconfig
from clusters.models import Cluster as ClusterRow
from clusters.registry import create_cluster
from clusters.renewal import renew_token
from engine.kubernetes.client import Connection
from engine.kubernetes.reads import request_token
from manifests.labels import OURS
from tests.cluster.control import Cluster, wait_until

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def list_commands() -> list[str]:
    """Return every command of the page's blocks, in order."""
    text = (ROOT / "docs" / "clusters.md").read_text(encoding="utf-8")
    return [line for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]


def make_programs(cluster: Cluster, folder: Path) -> dict[str, str]:
    """Put what an administrator types into a folder of its own; return the environment that finds it there."""
    folder.mkdir()
    for name, command in (("manage.py", f"{sys.executable} {ROOT}/manage.py"), ("kubectl", cluster.find_kubectl())):
        (folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
    return kept | {"PATH": f"{folder}:{os.environ['PATH']}", "KUBECONFIG": str(cluster.kubeconfig_path)}


def list_ours(cluster: Cluster) -> list[str]:
    """Return what instances of other tests left behind and is still going away: for a new database each is a stray."""
    namespaces = cluster.list("namespaces", "-l", OURS)
    volumes = cluster.list("persistentvolumes")
    released = [volume for volume in volumes if volume["status"].get("phase") == "Released"]
    return [one["metadata"]["name"] for one in (*namespaces, *released)]


def test_the_page_is_walked_from_its_first_command_to_its_last(cluster: Cluster, tmp_path: Path) -> None:
    commands = list_commands()
    assert len(commands) >= 8
    wait_until(
        lambda: not list_ours(cluster),
        "the cluster is a new administrator's: without instances",
        seconds=180.0,
        show=lambda: ", ".join(list_ours(cluster)),
    )
    kept = make_programs(cluster, tmp_path / "bin")
    kept |= {"CIVIPAROISSE_STATE_DIR": str(tmp_path / "state"), "CIVIPAROISSE_DEBUG": "1", "PYTHONPATH": str(ROOT)}
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    keys = f"{sys.executable} -m civiparoisse.keys"
    for command in (keys, "manage.py migrate --verbosity 0", *commands):
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        if "cluster_check" in command:
            assert "administrator" not in done.stdout and "administrateur" not in done.stdout


@pytest.mark.django_db
def test_the_account_renews_its_own_token_and_no_other(cluster: Cluster, tmp_path: Path) -> None:
    made = subprocess.run(
        [ROOT / "deploy" / "kubeconfig", "--duration", "1h"],
        env=make_programs(cluster, tmp_path / "bin"),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    row = create_cluster({"name": "renewed", "kubeconfig": made}, requested_by="test")
    issued = read_kubeconfig(made).issued_at
    assert issued is not None and not renew_token(row, now=issued + timedelta(minutes=20))
    wait_until(lambda: renew_token(row, now=issued + timedelta(minutes=31)), "the policy is in force and lets it")
    kept = ClusterRow.objects.get(name="renewed").kubeconfig
    assert kept != made and check_cluster(row, now=timezone.now()).document["findings"][0]["code"] == "api_answers"
    other = {"namespace": "kube-system", "account": "default", "seconds": 3600}
    assert request_token("renewed", Connection(kubeconfig=kept), **other) is None  # type: ignore[arg-type]
