"""programs.databases.comparison: what differs after a load is named; what a server says otherwise is no fault."""

import pytest

from programs.databases.comparison import check_loaded, compare, select_other
from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, parse_manifest
from tests.programs.state import make_client
from tests.programs.workspace import Workspace


def test_the_first_objects_that_differ_are_named() -> None:
    compare("civicrm", "views", {"a": "1"}, {"a": "1"})
    with pytest.raises(ProgramError) as caught:
        compare("civicrm", "views", {"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"})
    assert caught.value.code == "restore_differs" and caught.value.params["objects"] == "b, c"


def test_only_what_both_have_is_other() -> None:
    assert select_other({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "3", "d": "4"}) == ["b"]


def test_a_view_of_another_text_that_is_not_restless_is_a_fault(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute("CREATE VIEW v AS SELECT 1 AS a", database="civicrm")
    made = empty_workspace.make_backup(SCOPE="database")
    databases, client = parse_manifest((made / NAME).read_bytes()).databases, make_client(empty_workspace)
    assert check_loaded(client, databases) == []
    server.execute("CREATE OR REPLACE VIEW v AS SELECT 2 AS a", database="civicrm")
    with pytest.raises(ProgramError) as caught:
        check_loaded(client, databases)
    assert caught.value.params["objects"] == "v"
