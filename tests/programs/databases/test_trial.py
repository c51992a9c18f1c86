"""programs.databases.trial: what a server would not take, or makes otherwise, is known before anything is dropped."""

from collections.abc import Iterator

import pytest

from programs.databases.scratch import PREFIX
from programs.sets.manifest import NAME, Database, parse_manifest
from tests.programs.forgery import forge_set, read_plain
from tests.programs.state import State, observe_state
from tests.programs.workspace import Outcome, Workspace

MODES = ("apart", "beside", "throwaway")
OBJECTS = [
    "CREATE SEQUENCE civilog.numbers START WITH 7",
    "CREATE TABLE t (id INT PRIMARY KEY DEFAULT NEXTVAL(civilog.numbers), v INT, CONSTRAINT small CHECK (v < 9))",
    "CREATE TABLE civilog.child (id INT, CONSTRAINT parent FOREIGN KEY (id) REFERENCES civicrm.t (id))",
    "CREATE TABLE drupal (id INT)",
    "INSERT INTO t VALUES (1, 1)",
    "CREATE TRIGGER second BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 2",
    "CREATE TRIGGER first BEFORE INSERT ON t FOR EACH ROW PRECEDES second SET @first = 1",
    "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + (SELECT COUNT(*) FROM civilog.child)",
    "CREATE PROCEDURE p() BEGIN DELETE FROM t WHERE id < 0; END",
    "CREATE EVENT `tick ``DO` ON SCHEDULE EVERY 1 SECOND COMMENT 'DO' DO DELETE FROM civicrm.t",
    "CREATE VIEW drupal.z AS SELECT v, id FROM civicrm.t WHERE id > 0",
    "CREATE VIEW a AS SELECT id, v FROM drupal.z WHERE v > 0 WITH CHECK OPTION",
    "CREATE VIEW c AS SELECT drupal.id AS one, f(drupal.id) AS two FROM drupal JOIN civilog.child USING (id)",
]


@pytest.fixture(params=MODES)
def parish(request: pytest.FixtureRequest, empty_workspace: Workspace) -> Iterator[Workspace]:
    """Three databases with objects that need each other; the account may make a database to try them in, or may not.
    Events run, as on servers of instances."""
    databases = empty_workspace.databases
    assert databases is not None
    if request.param == "apart":
        databases.server.execute(f"GRANT ALL ON `{PREFIX.replace('_', chr(92) + '_')}%`.* TO exploitant@'%'")
    elif request.param == "throwaway":
        empty_workspace.give_administrator()
    connection = databases.server.connect(user=databases.user, password=databases.password, database="civicrm")
    with connection.cursor() as cursor:
        for statement in OBJECTS:
            cursor.execute(statement)
    connection.close()
    yield empty_workspace


def list_throwaway(workspace: Workspace) -> list[object]:
    assert workspace.databases is not None
    return workspace.databases.server.execute(
        f"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '{PREFIX}%'"
        f" UNION SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_NAME LIKE '{PREFIX}%'"
        f" UNION SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_NAME LIKE '{PREFIX}%'"
        f" UNION SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_NAME LIKE '{PREFIX}%'"
        " UNION SELECT User FROM mysql.user WHERE User LIKE 'civiparoisse_load_%'"
    )


def restore(workspace: Workspace, made: object) -> Outcome:
    outcome = workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert list_throwaway(workspace) == []
    return outcome


def check_untouched(workspace: Workspace, before: State, outcome: Outcome, code: str) -> str:
    assert outcome.error == code, outcome.result
    assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is False
    assert observe_state(workspace) == before
    return str(outcome.result["error"]["message"])


def test_what_needs_each_other_over_all_databases_comes_back(parish: Workspace) -> None:
    made, before = parish.make_backup(SCOPE="database"), observe_state(parish)
    assert parish.databases is not None
    for name in parish.databases.names:
        parish.databases.server.execute("SET foreign_key_checks=0", f"DROP DATABASE {name}", f"CREATE DATABASE {name}")
    outcome = restore(parish, made)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    assert observe_state(parish) == before
    writable = "SELECT IS_UPDATABLE FROM information_schema.VIEWS WHERE TABLE_NAME IN ('a', 'z')"
    assert parish.databases.server.execute(writable) == [("YES",), ("YES",)]


REFUSED = {
    "table civicrm.t": (b"  `v` int(11)", b"  `v` varchar(9) CHARACTER SET klingon"),
    "trigger civicrm.first": (b"SET @first = 1", b"SET @first = "),
    "function civicrm.f": (b"RETURN a +", b"RETURN nothing at all +"),
    "event civicrm.tick `DO": (b"DO DELETE FROM civicrm.t", b"DO DELETE FORM civicrm.t"),
}


@pytest.mark.parametrize("thing", REFUSED)
def test_what_the_server_would_refuse_is_named_and_nothing_is_dropped(parish: Workspace, thing: str) -> None:
    made, (old, new) = parish.make_backup(SCOPE="database"), REFUSED[thing]
    text = read_plain(made, "civicrm.sql.gz")
    assert text.count(old) == 1
    forged = forge_set(made, parish.home / "forged", contents={"civicrm.sql.gz": text.replace(old, new)})
    before = observe_state(parish)
    message = check_untouched(parish, before, restore(parish, forged), "set_not_loadable")
    assert thing in message and "ERROR" in message and PREFIX not in message


def test_a_view_of_what_the_account_may_not_see_is_named(parish: Workspace) -> None:
    made = parish.make_backup(SCOPE="database")
    text = read_plain(made, "drupal.sql.gz")
    old = b"from `civicrm`.`t` where"
    assert text.count(old) == 1
    text = text.replace(old, b"from `mysql`.`global_priv` where")
    before = observe_state(parish)
    forged = forge_set(made, parish.home / "forged", contents={"drupal.sql.gz": text})
    message = check_untouched(parish, before, restore(parish, forged), "set_not_loadable")
    assert "view drupal.z" in message


@pytest.mark.parametrize("kind", ["views", "triggers", "routines", "events", "sequences"])
@pytest.mark.parametrize("parish", ["apart", "throwaway"], indirect=True)
def test_a_manifest_with_another_hash_is_refused_before_the_first_drop(parish: Workspace, kind: str) -> None:
    made = parish.make_backup(SCOPE="database")
    databases = dict(parse_manifest((made / NAME).read_bytes()).databases)
    database = next(name for name, item in sorted(databases.items()) if getattr(item, kind))
    item: Database = databases[database]
    getattr(item, kind)[sorted(getattr(item, kind))[0]] = "0" * 64
    before = observe_state(parish)
    forged = forge_set(made, parish.home / "forged", databases=databases)
    message = check_untouched(parish, before, restore(parish, forged), "counts_differ")
    assert f"the {kind} that the text of {database} makes" in message


def test_databases_that_a_killed_restore_dropped_are_in_nobody_s_way(parish: Workspace) -> None:
    made, before = parish.make_backup(SCOPE="database"), observe_state(parish)
    assert parish.databases is not None
    parish.databases.server.execute("SET foreign_key_checks=0", "DROP DATABASE drupal", "DROP DATABASE civicrm")
    outcome = restore(parish, made)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    assert observe_state(parish) == before


@pytest.mark.parametrize("scope", ["backup", "restore"])
def test_what_a_killed_restore_left_is_removed_and_in_no_backup(parish: Workspace, scope: str) -> None:
    made = parish.make_backup(SCOPE="database")
    assert parish.databases is not None
    connection = parish.databases.server.connect(user=parish.databases.user, password=parish.databases.password)
    left = [f"CREATE TABLE civicrm.{PREFIX}3 (a INT)", f"CREATE SEQUENCE drupal.{PREFIX}4"]
    left += [f"CREATE PROCEDURE civilog.{PREFIX}5() SET @a = 1"]
    left += [f"CREATE EVENT civilog.{PREFIX}6 ON SCHEDULE EVERY 1 DAY DO SET @a = 1"]
    with connection.cursor() as cursor:
        for statement in left:
            cursor.execute(statement)
    connection.close()
    if scope == "restore":
        assert restore(parish, made).code == 0
    else:
        later = parish.make_backup(SCOPE="database")
        assert PREFIX.encode() not in b"".join(read_plain(later, f"{name}.sql.gz") for name in parish.databases.names)
    assert list_throwaway(parish) == []
