"""programs.databases.routine_grants: who else may call a routine may do so after a restore, too."""

from programs.databases.routine_grants import RoutineGrant
from tests.programs.workspace import Workspace

GRANTS = "SELECT Db, Routine_name, Routine_type, User, Host, Proc_priv FROM mysql.procs_priv ORDER BY 1, 2, 3, 4, 5"


def test_grants_on_routines_to_others_come_back(empty_workspace: Workspace) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    server = databases.server
    connection = server.connect(user=databases.user, password=databases.password, database="civicrm")
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION `f``é`() RETURNS INT RETURN 1")
        cursor.execute("CREATE PROCEDURE p() SET @a = 1")
        cursor.execute("CREATE PROCEDURE drupal.p() SET @a = 1")
    connection.close()
    server.execute(
        "CREATE USER `o'neil`@'10.0.0.%', reader@'%'",
        "CREATE ROLE callers",
        "GRANT EXECUTE ON FUNCTION civicrm.`f``é` TO `o'neil`@'10.0.0.%' WITH GRANT OPTION",
        "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE civicrm.p TO reader@'%'",
        "GRANT EXECUTE ON PROCEDURE drupal.p TO callers",
    )
    empty_workspace.give_administrator()
    made = empty_workspace.make_backup(SCOPE="database")
    before = [row for row in server.execute(GRANTS) if row[3] != databases.user]
    assert len(before) == 3
    outcome = empty_workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert outcome.code == 0, outcome.result
    assert [row for row in server.execute(GRANTS) if row[3] != databases.user] == before


def test_a_grant_is_a_statement_that_quotes() -> None:
    grant = RoutineGrant("civicrm", "FUNCTION", "a`b", "o'neil", "%", ("EXECUTE", "GRANT"))
    assert grant.format_sql() == "GRANT EXECUTE ON FUNCTION `civicrm`.`a``b` TO 'o''neil'@'%' WITH GRANT OPTION"
    role = RoutineGrant("civicrm", "PROCEDURE", "p", "callers", "", ("GRANT",))
    assert role.format_sql() == "GRANT USAGE ON PROCEDURE `civicrm`.`p` TO `callers` WITH GRANT OPTION"
