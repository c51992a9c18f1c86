"""docs/clusters.md, command by command, as a new administrator types it: on the real cluster, into a fresh database."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.control import Cluster

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def list_commands() -> list[str]:
    """Return every command of the page's blocks, in order."""
    text = (ROOT / "docs" / "clusters.md").read_text(encoding="utf-8")
    return [line for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]


def test_the_page_is_walked_from_its_first_command_to_its_last(cluster: Cluster, tmp_path: Path) -> None:
    commands = list_commands()
    assert len(commands) >= 8
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "manage.py").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/manage.py "$@"\n')
    (programs / "manage.py").chmod(0o755)
    (programs / "kubectl").write_text(f'#!/bin/sh\nexec {cluster.find_kubectl()} "$@"\n')
    (programs / "kubectl").chmod(0o755)
    place = {"CIVIPAROISSE_STATE_DIR": str(tmp_path / "state"), "KUBECONFIG": str(cluster.kubeconfig_path)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
    kept |= place | {"PATH": f"{programs}:{os.environ['PATH']}", "CIVIPAROISSE_DEBUG": "1", "PYTHONPATH": str(ROOT)}
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
