"""A small HTTPS server that answers as a cluster's API does."""

from collections.abc import Iterator

import pytest

from tests.engine.kubernetes.api_server import ApiServer, make_answers, serve_api


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
