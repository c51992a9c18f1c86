"""The cluster, its node, and nodes that are only objects.

Tests that need none of our own power switches run against any cluster (TEST_KUBECONFIG); the others are deselected
there, and the run says so. Tests with the real node come last: until it starts, pods stay where the fake nodes are.
"""

import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.cluster import ClusterSettings, IngressKind
from engine.kubernetes.client import Connection
from engine.kubernetes.engine import KubernetesEngine
from engine.registry import register_engine
from tests.cluster.by_hand import SETTINGS
from tests.cluster.control import SCRIPT, Cluster, find_cluster, is_foreign, load_images, start_node, wait_until
from tests.cluster.fake_nodes import FakeNodes
from tests.cluster.parishes import ENGINE, POLL_SECONDS, ClusterParishes

# Fixtures that need a cluster of our own: we kill its programs, add nodes to it, give images to its node.
OWN = frozenset({"own_cluster", "definitions", "node", "fake_nodes"})
# Traefik's group of today has another before it.
OLD_TRAEFIK = "traefik.containo.us"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of the real node last; leave out what a foreign cluster cannot do."""
    ours = [item for item in items if item.get_closest_marker("cluster")]
    if not ours or "not cluster" in config.option.markexpr:
        return
    items.sort(key=lambda item: "node" in getattr(item, "fixturenames", ()))
    if is_foreign():
        left_out = [item for item in ours if OWN & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
        config.stash[LEFT_OUT] = len(left_out)


LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was not proven on a foreign cluster."""
    if number := config.stash.get(LEFT_OUT, 0):
        reason = "they kill its programs, add nodes, bring images"
        terminalreporter.write_line(f"{number} tests need a cluster of our own ({reason}) and were left out.")


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The control plane."""
    found = find_cluster()
    found.kubectl("get", "--raw", "/readyz")
    return found


@pytest.fixture(scope="session")
def own_cluster(cluster: Cluster) -> Cluster:
    """The control plane whose programs may be killed."""
    assert cluster.own
    return cluster


@pytest.fixture(scope="session")
def definitions(own_cluster: Cluster) -> Cluster:
    """The cluster with the definitions of others' objects: Traefik's, under its group of today and of then, the Gateway
    API's, cert-manager's, those of volume snapshots."""
    asked = subprocess.run([SCRIPT, "definitions"], capture_output=True, text=True, timeout=300, check=True)
    texts = [path.read_text() for path in sorted(Path(asked.stdout.strip()).iterdir())]
    old = [text.replace("traefik.io", OLD_TRAEFIK) for text in texts if "group: traefik.io" in text]
    for text in (*texts, *old):
        own_cluster.kubectl("apply", "--server-side", "-f", "-", stdin=text)
    own_cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    return own_cluster


@pytest.fixture(scope="session")
def node(own_cluster: Cluster) -> Cluster:
    """The real node, with the images; from here on pods run."""
    # What earlier tests left would take its place on the node.
    wait_until(lambda: own_cluster.list("pods", "-A") == [], "the pods of earlier tests are gone", seconds=120)
    start_node()
    load_images()
    return own_cluster


@pytest.fixture(scope="session")
def parishes(node: Cluster) -> Iterator[ClusterParishes]:
    """Parishes on the real node, made on first use; every test leaves them working."""
    engine = KubernetesEngine(ENGINE, connection=Connection(kubeconfig=node.kubeconfig), settings=SETTINGS)
    engine.poll_seconds = POLL_SECONDS
    register_engine(ENGINE, lambda: engine)
    yield ClusterParishes(node, engine)


@pytest.fixture
def fake_nodes(own_cluster: Cluster) -> Iterator[FakeNodes]:
    """Three nodes with room for several instances."""
    with FakeNodes(own_cluster.kubeconfig, ("fake-1", "fake-2", "fake-3")) as nodes:
        yield nodes


@pytest.fixture
def engine(cluster: Cluster) -> KubernetesEngine:
    """An engine whose memory is empty, as a new process has it."""
    settings = ClusterSettings(ingress_kind=IngressKind.NONE, deletion_grace_seconds=0)
    made = KubernetesEngine("real", connection=Connection(kubeconfig=cluster.kubeconfig), settings=settings)
    made.client.applied.clear()
    return made


@pytest.fixture
def make_name(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Return names of instances that are gone after the test."""
    made: list[str] = []

    def make() -> str:
        words = request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")
        made.append(f"{words[:40].strip('-')}-{secrets.token_hex(3)}")
        return made[-1]

    yield make
    for name in made:
        cluster.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")
