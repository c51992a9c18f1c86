"""programs.databases.scratch: throwaway databases where the account may make them, none of them for ever."""

from programs.databases.scratch import PREFIX, make_scratch_databases, remove_scratch
from programs.sets.manifest import Database
from tests.programs.state import make_client
from tests.programs.workspace import Workspace

LETTERS = Database("utf8mb4", "utf8mb4_bin", {}, {}, {}, {}, {}, {}, [])


def list_databases(workspace: Workspace) -> list[str]:
    assert workspace.databases is not None
    return [row[0] for row in workspace.databases.server.execute("SHOW DATABASES") if row[0].startswith("civiparo")]


def test_an_account_with_rights_on_the_parish_alone_makes_none(empty_workspace: Workspace) -> None:
    assert make_scratch_databases(make_client(empty_workspace), {"civicrm": LETTERS}) is None


def test_what_was_made_is_removed_and_nothing_else(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute("GRANT ALL ON `civiparoisse%`.* TO exploitant@'%'", "CREATE DATABASE civiparoisse_trial_x")
    client = make_client(empty_workspace)
    made = make_scratch_databases(client, {"civicrm": LETTERS, "drupal": LETTERS})
    assert made == {"civicrm": f"{PREFIX}0", "drupal": f"{PREFIX}1"}
    assert server.execute(
        f"SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '{PREFIX}0'"
    ) == [("utf8mb4_bin",)]
    server.execute(f"CREATE TABLE civicrm.{PREFIX}1 (a INT)", f"CREATE TABLE civicrm.{PREFIX}one (a INT)")
    remove_scratch(client)
    assert list_databases(empty_workspace) == [f"{PREFIX}x"]
    assert server.execute("SHOW TABLES FROM civicrm") == [(f"{PREFIX}one",)]
