"""Kill -9 of the clock at each of its writes, and clocks and people at the same instant, on SQLite and on MariaDB."""

import json
import sys
from collections.abc import Iterator

import pytest

from tests.fleet import Fleet
from tests.parish_requests.processes import ROUNDS
from tests.servers import MariaDbServer


@pytest.fixture(params=["sqlite", "mariadb"])
def fleet(request: pytest.FixtureRequest, database_server: MariaDbServer) -> Iterator[Fleet]:
    """A manager of several processes, with its rows in SQLite or in a real MariaDB."""
    manager = Fleet(server=database_server if request.param == "mariadb" else None)
    try:
        yield manager
    finally:
        manager.stop()


def test_nothing_is_begun_twice_above_the_limit_or_noted_by_half(fleet: Fleet) -> None:
    done = fleet._finish(sys.executable, "-m", "tests.campaigns.processes")
    assert done.returncode == 0, done.stderr
    tried = json.loads(done.stdout.splitlines()[-1])
    assert tried.pop("kill_at_the_beginning") >= 8 and tried.pop("kill_at_the_end") >= 5
    assert tried == {"begin_together": ROUNDS, "steer_together": ROUNDS, "create_together": ROUNDS}
