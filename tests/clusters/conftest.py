"""A small HTTPS server that answers as a cluster's API does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clusters.engines import list_cluster_names
from engine import registry
from tests.clusters.api_server import ApiServer, make_answers, serve_api
from tests.engines import FakeEngine
from tests.operations.conftest import clock, engine, finish

__all__ = ["clock", "engine", "finish"]


@pytest.fixture(scope="session")
def served() -> Iterator[ApiServer]:
    """One server for all tests of a process."""
    with serve_api() as server:
        yield server


@pytest.fixture
def cluster_api(served: ApiServer) -> ApiServer:
    """The server, with everything that instances need, and nothing asked yet."""
    served.answers = make_answers()
    served.denied = set()
    served.asked.clear()
    return served


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """The engine that every cluster's name stands for."""
    engine = FakeEngine(tmp_path)
    resolvers = [(lambda name: engine if name in list_cluster_names() else None, list_cluster_names)]
    monkeypatch.setattr(registry, "_resolvers", resolvers)
    return engine
