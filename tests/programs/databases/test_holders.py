"""programs.databases.holders: who holds a table open is named, and ended where it is the site itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from programs.databases import holders
from programs.databases.holders import list_holders, run_alone
from programs.run.failures import ProgramError
from tests.programs.state import make_client
from tests.programs.workspace import Workspace

DROP = "DROP DATABASE civicrm;"


@pytest.fixture
def held(empty_workspace: Workspace) -> Iterator[Any]:
    """Opens a transaction that has read a table of civicrm, as an account."""
    databases = empty_workspace.databases
    assert databases is not None
    databases.server.execute("CREATE TABLE t (id INT)", database="civicrm")
    opened = []

    def hold(*, user: str, password: str) -> None:
        connection = databases.server.connect(user=user, password=password, database="civicrm")
        opened.append(connection)
        cursor = connection.cursor()
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t")

    yield hold
    for connection in opened:
        if connection.open:
            connection.close()


def test_a_forgotten_session_of_the_site_is_ended_and_told(empty_workspace: Workspace, held: Any) -> None:
    assert empty_workspace.databases is not None
    held(user="exploitant", password=empty_workspace.databases.password)
    (told,) = run_alone(make_client(empty_workspace), DROP, "civicrm")
    assert "held a table of civicrm open" in told


def test_nobody_in_the_way_means_nothing_to_tell(empty_workspace: Workspace) -> None:
    assert run_alone(make_client(empty_workspace), DROP, "civicrm") == []


def test_a_session_of_somebody_else_is_an_error_and_nothing_is_changed(
    empty_workspace: Workspace, held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holders, "WAITS_SECONDS", (1, 1))
    held(user="root", password="")
    client = make_client(empty_workspace)
    with pytest.raises(ProgramError) as caught:
        run_alone(client, DROP, "civicrm")
    assert caught.value.code == "database_held"
    assert client.query(("id",), "FROM civicrm.t") == []
    assert list_holders(client) == [], "what it does not see it does not name"
