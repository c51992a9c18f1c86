"""programs.databases.restless_views: what a server itself tells otherwise each time is no fault of a set."""

import pytest

from programs.databases import restless_views
from programs.databases.restless_views import is_restless, list_restless
from tests.programs.state import make_client
from tests.programs.workspace import Workspace

VIEWS = {
    "plain": "SELECT a, 'x;' AS b FROM t WHERE a > 1",
    "joined": "SELECT x.a FROM t x JOIN t y USING (a)",
    "united": "SELECT a FROM t EXCEPT (SELECT 1 INTERSECT SELECT 2)",
}


def test_a_view_that_stays_as_it_is_told_is_not_restless(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute(
        "CREATE TABLE t (a INT)",
        *(f"CREATE VIEW {name} AS {query}" for name, query in VIEWS.items()),
        database="civicrm",
    )
    client = make_client(empty_workspace)
    assert list_restless(client, "civicrm", VIEWS) == set()
    assert not is_restless(client, "civicrm", "absent")
    names = {row[0] for row in server.execute("SHOW TABLES FROM civicrm")}
    assert names == {"t", *VIEWS}, "no throwaway view stays"


def test_a_view_that_is_told_otherwise_each_time_is(
    empty_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server of this machine does it to none that is known: its second answer is changed on the way."""
    assert empty_workspace.databases is not None
    empty_workspace.databases.server.execute("CREATE VIEW v AS SELECT 1 AS a", database="civicrm")
    client = make_client(empty_workspace)
    asked = restless_views.observe_text

    def observe(*args: object) -> str | None:
        text = asked(*args)  # type: ignore[arg-type]
        return f"{text} and more" if args[-1] == restless_views.THROWAWAY else text

    monkeypatch.setattr(restless_views, "observe_text", observe)
    assert list_restless(client, "civicrm", ["v"]) == {"v"}
