"""programs.databases.privileges: an account that sees less than there is never makes a backup."""

import pytest

from programs.databases.privileges import match_database, select_privileges
from programs.sets.manifest import NAME, parse_manifest
from tests.programs.parish import make_parish
from tests.programs.workspace import Workspace, make_backup_id
from tests.servers import MariaDbServer

LEAST = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "EXECUTE")


@pytest.fixture
def server(empty_workspace: Workspace) -> MariaDbServer:
    """The parish's server; the objects belong to another account, who is not the one that makes backups."""
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute("CREATE USER somebody@'%'")
    server.execute(*(f"GRANT ALL ON {name}.* TO somebody@'%'" for name in empty_workspace.databases.names))
    make_parish(server, definer="somebody", contacts=3)
    server.execute(*(f"REVOKE ALL ON {name}.* FROM exploitant@'%'" for name in empty_workspace.databases.names))
    return server


def grant(server: MariaDbServer, privileges: tuple[str, ...], *, database: str) -> None:
    server.execute(f"GRANT {', '.join(privileges)} ON {database}.* TO exploitant@'%'")


def run_refused(workspace: Workspace, code: str = "missing_privilege") -> dict[str, object]:
    """Run a backup that must fail with this code; returns the parameters of the error."""
    backup_id = make_backup_id()
    outcome = workspace.run("backup", BACKUP_ID=backup_id)
    assert outcome.error == code, outcome.result
    assert not (workspace.backups / backup_id).exists() and workspace.list_leftovers() == []
    assert outcome.result is not None
    return dict(outcome.result["error"]["params"])


def test_the_least_privileges_make_a_whole_backup(empty_workspace: Workspace, server: MariaDbServer) -> None:
    for name in ("civicrm", "drupal", "civilog"):
        grant(server, LEAST, database=name)
    server.execute("GRANT SELECT ON mysql.proc TO exploitant@'%'")
    empty_workspace.make_backup()


@pytest.mark.parametrize("privilege", LEAST)
def test_each_privilege_revoked_fails_by_name(
    empty_workspace: Workspace, server: MariaDbServer, privilege: str
) -> None:
    for name in ("civicrm", "drupal", "civilog"):
        grant(server, LEAST, database=name)
    for database in ("civicrm", "drupal", "civilog"):
        server.execute(f"REVOKE {privilege} ON {database}.* FROM exploitant@'%'")
        params = run_refused(empty_workspace)
        assert (params["privilege"], params["database"]) == (privilege, database)
        grant(server, (privilege,), database=database)


def test_routines_of_another_whose_body_is_hidden_fail_by_name(
    empty_workspace: Workspace, server: MariaDbServer
) -> None:
    for name in ("civicrm", "drupal", "civilog"):
        grant(server, LEAST, database=name)
    params = run_refused(empty_workspace, "hidden_routine")
    named = str(params["routines"])
    assert "FUNCTION civicrm.strip_non_numeric (somebody@%)" in named, "all are told at once, each with its definer"
    assert "PROCEDURE civicrm.count_contacts (somebody@%)" in named and params["user"] == "exploitant"


def test_a_routine_of_root_s_is_told_by_name_and_each_way_out_that_is_advised_is_one(
    empty_workspace: Workspace,
) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    made = "PROCEDURE drupal.`of ``root's` () SELECT 'kept'"
    server.execute(f"CREATE {made}")
    params = run_refused(empty_workspace, "hidden_routine")
    assert params == {"routines": "PROCEDURE drupal.of `root's (root@localhost)", "count": 1, "user": "exploitant"}
    server.execute("DROP PROCEDURE drupal.`of ``root's`", f"CREATE DEFINER=exploitant@'%' {made}")
    made_again = empty_workspace.make_backup(SCOPE="database")
    server.execute(
        "DROP PROCEDURE drupal.`of ``root's`", f"CREATE {made}", "GRANT SELECT ON mysql.proc TO exploitant@'%'"
    )
    granted = empty_workspace.make_backup(SCOPE="database")
    for directory in (made_again, granted):
        stored = parse_manifest((directory / NAME).read_bytes()).databases["drupal"]
        assert list(stored.routines) == ["PROCEDURE of `root's"]


def test_privileges_on_one_table_are_not_enough(empty_workspace: Workspace, server: MariaDbServer) -> None:
    for name in ("civicrm", "drupal"):
        grant(server, LEAST, database=name)
    grant(server, LEAST[1:], database="civilog")
    server.execute("GRANT SELECT ON civilog.log_contact TO exploitant@'%'")
    assert run_refused(empty_workspace)["privilege"] == "SELECT"


def test_privileges_of_a_role_count(empty_workspace: Workspace, server: MariaDbServer) -> None:
    server.execute("CREATE ROLE keeper")
    for name in ("civicrm", "drupal", "civilog"):
        server.execute(f"GRANT {', '.join(LEAST)} ON {name}.* TO keeper")
    server.execute("GRANT SELECT ON mysql.proc TO keeper")
    server.execute("GRANT keeper TO exploitant@'%'", "SET DEFAULT ROLE keeper FOR exploitant@'%'")
    empty_workspace.make_backup()


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("civicrm", "civicrm", True),
        ("civi%", "civilog", True),
        (r"civi\_log", "civi_log", True),
        (r"civi\_log", "civiXlog", False),
        ("civi_log", "civiXlog", True),
        ("civicrm", "civicrm2", False),
        ("", "civicrm", False),
    ],
)
def test_a_database_pattern_covers_as_like_does(pattern: str, name: str, *, covered: bool) -> None:
    assert match_database(pattern, name) is covered


def test_grants_of_mysql_8_are_read() -> None:
    grants = [
        "GRANT USAGE ON *.* TO `exploitant`@`%`",
        "GRANT SHOW_ROUTINE ON *.* TO `exploitant`@`%`",
        "GRANT SELECT, SHOW VIEW, EVENT, TRIGGER ON `civicrm`.* TO `exploitant`@`%`",
        "GRANT SELECT (`name`) ON `civicrm`.`contact` TO `exploitant`@`%`",
        "REVOKE EVENT ON `civicrm`.* FROM `exploitant`@`%`",
        "GRANT ALL PRIVILEGES ON `drupal`.* TO `exploitant`@`%` WITH GRANT OPTION",
    ]
    assert select_privileges(grants, database="civicrm") == {"SHOW_ROUTINE", "SELECT", "SHOW VIEW", "TRIGGER"}
    assert {"SELECT", "SHOW VIEW", "EVENT", "TRIGGER", "EXECUTE"} <= select_privileges(grants, database="drupal")
    assert select_privileges(grants, database="civilog") == {"SHOW_ROUTINE"}
