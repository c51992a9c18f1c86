"""Fixtures shared by the whole suite: a real MariaDB server per test process."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import hypothesis
import pytest

from engine import registry
from engine.registry import register_engine
from tests.engines import FakeEngine
from tests.second_tries import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401 - pytest calls them
from tests.servers import DATABASES, MariaDbServer, make_password

# The same examples at every run, so that chance does not decide what lands; others with a seed (make test-long).
hypothesis.settings.register_profile("same", derandomize=True, database=None)
if "RANDOM_SEED" not in os.environ:
    hypothesis.settings.load_profile("same")

# A minute each: begun first, none of them is waited for when all the others have ended.
LONG = ("tests/scripts/", "tests/civiparoisse/test_services", "tests/operations/test_killed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, else in their order."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@dataclass(frozen=True)
class ParishDatabases:
    """Three fresh databases on a running server, and the account that owns them."""

    server: MariaDbServer
    user: str
    password: str
    names: tuple[str, ...] = DATABASES


@pytest.fixture(scope="session")
def fake_engine(tmp_path_factory: pytest.TempPathFactory) -> FakeEngine:
    """The engine "fake" of tests/rows.py; without nodes it takes everything."""
    engine = FakeEngine(tmp_path_factory.mktemp("fake"))
    engine.nodes = ()
    return engine


@pytest.fixture(autouse=True)
def known_engine(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it known in every test; those that look at it have one of their own. What a test registers ends with it."""
    monkeypatch.setattr(registry, "_factories", dict(registry._factories))
    register_engine("fake", lambda: fake_engine)


@pytest.fixture(scope="session")
def database_server() -> Iterator[MariaDbServer]:
    """One server per test process (each xdist worker has its own)."""
    server = MariaDbServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def parish_databases(database_server: MariaDbServer) -> ParishDatabases:
    """Fresh and empty civicrm, drupal, civilog, and exploitant@'%' with rights on those three only."""
    if database_server.process is None:
        database_server.start()
    password = make_password()
    escaped = password.replace("\\", "\\\\").replace("'", "\\'")
    database_server.reset(password=escaped)
    return ParishDatabases(server=database_server, user="exploitant", password=password)
