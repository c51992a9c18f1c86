"""The cluster under test, driven as an administrator: kubectl, and the power switches of our own one."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SCRIPT = Path(__file__).parent / "cluster"
IMAGES = Path(__file__).parent / "images" / "make"
KUBECONFIG = "CLUSTER_KUBECONFIG"
FOREIGN_KUBECONFIG = "TEST_KUBECONFIG"
PROGRAM_SECONDS = 120.0
POLL_SECONDS = 0.1
MANAGER = "civiparoisse-test"

Object = dict[str, Any]


class KubectlFailed(AssertionError):
    """kubectl ended with an error. The text is what it said."""


@dataclass(frozen=True)
class Cluster:
    """A control plane. `own`: ours to kill, because we started it."""

    kubeconfig: str
    kubeconfig_path: Path
    own: bool

    def kubectl(self, *arguments: str, stdin: str | None = None, namespace: str | None = None) -> str:
        """Run kubectl and return its standard output. Raise KubectlFailed with what it said."""
        place = ["-n", namespace] if namespace else []
        command = [*_find_kubectl(own=self.own), "--kubeconfig", str(self.kubeconfig_path), *place, *arguments]
        answer = subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=False
        )
        if answer.returncode != 0:
            raise KubectlFailed(answer.stderr.strip())
        return answer.stdout

    def find_kubectl(self) -> str:
        """Return the command that a shell calls kubectl by, whatever kubeconfig it is given."""
        return " ".join(_find_kubectl(own=self.own))

    def get(self, *arguments: str, namespace: str | None = None) -> Object:
        """Return an object, or a list of them."""
        found: Object = json.loads(self.kubectl("get", *arguments, "-o", "json", namespace=namespace))
        return found

    def list(self, *arguments: str, namespace: str | None = None) -> list[Object]:
        """Return objects of a kind."""
        items: list[Object] = self.get(*arguments, namespace=namespace)["items"]
        return items

    def apply(self, objects: Iterable[Mapping[str, Any]], *options: str) -> str:
        """Apply objects server-side, refusing unknown fields; return kubectl's lines."""
        text = yaml.safe_dump_all(list(objects), sort_keys=False)
        asked = ("apply", "--server-side", "--validate=strict", f"--field-manager={MANAGER}", *options, "-f", "-")
        return self.kubectl(*asked, stdin=text)

    def exists(self, *arguments: str, namespace: str | None = None) -> bool:
        """Return whether an object is there."""
        return bool(self.kubectl("get", *arguments, "--ignore-not-found", "-o", "name", namespace=namespace))

    def kill(self, name: str) -> None:
        """SIGKILL one program of our own cluster."""
        _run_script("kill", name)

    def start(self, name: str) -> None:
        """Start a killed program again and wait until it answers."""
        _run_script("start", name)


def is_foreign() -> bool:
    """Return whether the run is for a cluster that somebody gave us."""
    return bool(os.environ.get(FOREIGN_KUBECONFIG))


def find_cluster() -> Cluster:
    """Return the cluster that this run is for: a given one, or our own that `cluster run` started."""
    foreign = os.environ.get(FOREIGN_KUBECONFIG)
    path = foreign or os.environ.get(KUBECONFIG)
    if not path:
        raise AssertionError("there is no cluster: run `make test-cluster`, or `tests/cluster/cluster run pytest …`")
    # A foreign kubeconfig may name files beside it; ours is whole.
    text = Path(path).read_text() if not foreign else _flatten(path)
    return Cluster(kubeconfig=text, kubeconfig_path=Path(path), own=not foreign)


def start_node() -> None:
    """Start the real node of our own cluster."""
    _run_script("node")


def load_images() -> None:
    """Give the node the stand-in images; they are made when the cache has none."""
    made = subprocess.run([IMAGES], capture_output=True, text=True, timeout=1800, check=False)
    assert made.returncode == 0, made.stderr
    _run_script("load", made.stdout.strip())


def wait_until(
    condition: Callable[[], bool], what: str, *, seconds: float = 60.0, show: Callable[[], str] = str
) -> None:
    """Wait for a condition. `show`: what to say beside `what` when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}\n{show()}"
        time.sleep(POLL_SECONDS)


def _flatten(path: str) -> str:
    command = [*_find_kubectl(own=False), "--kubeconfig", path, "config", "view", "--raw", "--flatten", "--minify"]
    return subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=True).stdout


def _find_kubectl(*, own: bool) -> list[str]:
    return [str(SCRIPT), "kubectl"] if own else ["kubectl"]


def _run_script(*arguments: str) -> None:
    answer = subprocess.run(
        [SCRIPT, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PROGRAM_SECONDS,
        check=False,
    )
    assert answer.returncode == 0, f"cluster {' '.join(arguments)}: {answer.stdout}"
