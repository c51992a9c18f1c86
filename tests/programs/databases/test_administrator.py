"""programs.databases.administrator: accounts are put right, and what a set holds is loaded by one that can do nothing
else."""

import dataclasses

import pymysql
import pytest

from programs.databases.administrator import PREFIX, Administrator, assist, can_sign_in, find_administrator
from programs.databases.connection import Connection
from programs.databases.scratch import PREFIX as TRIALS
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from tests.programs.parish import make_parish
from tests.programs.state import make_client, observe_state
from tests.programs.workspace import Workspace, wait_until
from tests.servers import MariaDbServer


@pytest.fixture
def server(empty_workspace: Workspace) -> MariaDbServer:
    assert empty_workspace.databases is not None
    return empty_workspace.databases.server


@pytest.fixture
def access(empty_workspace: Workspace) -> ServerAccess:
    return make_client(empty_workspace).access


@pytest.fixture
def administrator(access: ServerAccess, server: MariaDbServer) -> Administrator:
    found = find_administrator(dataclasses.replace(access, user="root", password="", socket=str(server.socket)))
    assert found is not None
    return found


def list_throwaway(server: MariaDbServer) -> list[str]:
    return [row[0] for row in server.execute(f"SELECT User FROM mysql.user WHERE User LIKE '{PREFIX}%'")]


def refuses(access: ServerAccess, statement: str) -> bool:
    with Connection(access) as connection:
        try:
            connection.run(statement)
        except ProgramError as error:
            assert error.code == "database_refused", error.message
            return True
    return False


def test_the_throwaway_account_can_fill_tables_and_nothing_else(
    administrator: Administrator, access: ServerAccess, server: MariaDbServer
) -> None:
    server.execute("CREATE DATABASE canary", "CREATE TABLE canary.t (i INT)", "CREATE TABLE drupal.t (i INT)")
    try:
        with assist(administrator, access, ["civicrm"]) as given:
            assert given.filler is not None and given.told == []
            for statement in ("CREATE TABLE civicrm.t (i INT)", "INSERT INTO civicrm.t VALUES (1)"):
                assert not refuses(given.filler, statement)
            for statement in (
                "DROP DATABASE drupal",
                "INSERT INTO drupal.t VALUES (1)",
                "DROP TABLE drupal.t",
                "SELECT * FROM canary.t",
                "CREATE DATABASE canary_2",
                "CREATE USER evil@'%'",
                "SET PASSWORD FOR exploitant@'%' = PASSWORD('x')",
                "GRANT ALL ON *.* TO exploitant@'%'",
                "CREATE PROCEDURE civicrm.p() SET @a = 1",
                "CREATE TRIGGER civicrm.w BEFORE INSERT ON civicrm.t FOR EACH ROW SET @a = 1",
                "CREATE EVENT civicrm.e ON SCHEDULE EVERY 1 DAY DO SET @a = 1",
                "CREATE VIEW civicrm.v AS SELECT 1",
                "SET GLOBAL general_log = 1",
                "SELECT * FROM civicrm.t INTO OUTFILE '/tmp/evil'",
                "SHUTDOWN",
            ):
                assert refuses(given.filler, statement), statement
            assert given.trier is not None
            assert not refuses(given.trier, f"CREATE DATABASE {TRIALS}1")
            assert not refuses(given.trier, f"CREATE VIEW {TRIALS}1.v AS SELECT * FROM civicrm.t")
            assert not refuses(given.trier, f"DROP DATABASE {TRIALS}1")
            for statement in ("DELETE FROM civicrm.t", "DROP TABLE civicrm.t", "CREATE TABLE civicrm.u (i INT)"):
                assert refuses(given.trier, statement), statement
            assert set(list_throwaway(server)) == {given.filler.user, given.trier.user}
        assert list_throwaway(server) == []
        assert not can_sign_in(given.filler)
    finally:
        server.execute("DROP DATABASE canary")


def test_a_password_that_an_attack_changed_is_the_instance_s_again(
    empty_workspace: Workspace, server: MariaDbServer, access: ServerAccess
) -> None:
    make_parish(server, contacts=3)
    empty_workspace.give_administrator()
    made, before = empty_workspace.make_backup(SCOPE="database"), observe_state(empty_workspace)
    server.execute("ALTER USER exploitant@'%' IDENTIFIED BY 'of an attacker' ACCOUNT LOCK")
    server.execute("REVOKE ALL ON drupal.* FROM exploitant@'%'", "DROP DATABASE drupal")
    assert not can_sign_in(access)
    outcome = empty_workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert outcome.code == 0, outcome.result
    assert outcome.result is not None
    assert "the account exploitant was not let in: it has its password again" in outcome.result["warnings"]
    assert can_sign_in(access) and observe_state(empty_workspace) == before


def test_an_account_that_was_dropped_is_made_again(
    administrator: Administrator, access: ServerAccess, server: MariaDbServer
) -> None:
    server.execute("DROP USER exploitant@'%'")
    assert administrator.reset_account(access) != []
    assert can_sign_in(access) and not refuses(access, "CREATE TABLE civilog.t (i INT)")


def test_what_a_killed_restore_left_is_dropped_by_the_next(empty_workspace: Workspace, server: MariaDbServer) -> None:
    make_parish(server, contacts=3)
    empty_workspace.give_administrator()
    made = empty_workspace.make_backup(SCOPE="database")
    changes = {"SET_DIR": str(made), "EXPECTED_TENANT": "saint-paul", "SCOPE": "database"}
    process = empty_workspace.start("restore", **changes)
    wait_until(lambda: list_throwaway(server))
    process.kill()
    assert empty_workspace.finish(process).result is None
    # One account or both: what the server was told before the kill it still carries out.
    assert list_throwaway(server) != []
    assert empty_workspace.run("restore", **changes).code == 0
    assert list_throwaway(server) == []


@pytest.mark.parametrize("what", ["none", "password", "rights"])
def test_without_an_administrator_the_instance_s_account_does_it(
    empty_workspace: Workspace, server: MariaDbServer, what: str
) -> None:
    make_parish(server, contacts=3)
    if what != "none":
        empty_workspace.give_administrator()
    made, before = empty_workspace.make_backup(SCOPE="database"), observe_state(empty_workspace)
    if what == "password":
        (empty_workspace.home / "root").write_bytes(b"another")
    elif what == "rights":
        server.execute("CREATE USER little@'%'", "GRANT SELECT ON mysql.* TO little@'%'")
        empty_workspace.administrator["DB_ADMIN_USER"] = "little"
    outcome = empty_workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert outcome.code == 0 and outcome.result is not None
    assert observe_state(empty_workspace) == before
    said = [text for text in outcome.result["warnings"] if "before the databases were dropped" in text]
    assert len(said) == 1 and "2 views" in said[0] and "foreign keys" in said[0], outcome.result["warnings"]
    assert list_throwaway(server) == []


def test_the_loading_account_cannot_reach_what_a_hostile_statement_names(
    administrator: Administrator, access: ServerAccess, server: MariaDbServer
) -> None:
    """The judge aside: the server itself refuses."""
    server.execute("CREATE DATABASE canary", "CREATE TABLE canary.t (i INT)")
    try:
        with assist(administrator, access, access.databases) as given:
            assert given.filler is not None
            with pytest.raises(ProgramError), Connection(given.filler, database="civicrm") as connection:
                connection.run("CREATE OR REPLACE TABLE canary.t (j INT)")
        assert [row[0] for row in server.execute("DESCRIBE canary.t")] == ["i"]
    finally:
        server.execute("DROP DATABASE canary")
    with pytest.raises(pymysql.Error):
        server.connect(user=given.filler.user, password=given.filler.password)
