"""The API in memory, a client of it, and an engine on it."""

from collections.abc import Iterator

import pytest

from domain.cluster import ClusterSettings, IngressKind
from engine.kubernetes.client import ClusterClient, Connection
from engine.kubernetes.engine import KubernetesEngine
from tests.engine.kubernetes.fake_api import FakeApi, running_api


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """An empty API server."""
    with running_api() as server:
        yield server


@pytest.fixture
def client(api: FakeApi) -> ClusterClient:
    """A client of it, with a pool of its own."""
    return ClusterClient(Connection(kubeconfig=api.kubeconfig))


@pytest.fixture
def settings() -> ClusterSettings:
    """A cluster without an ingress."""
    return ClusterSettings(ingress_kind=IngressKind.NONE)


@pytest.fixture
def engine(api: FakeApi, settings: ClusterSettings) -> KubernetesEngine:
    """An engine on it."""
    return KubernetesEngine("cluster-1", connection=Connection(kubeconfig=api.kubeconfig), settings=settings)
