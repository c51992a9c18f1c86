"""programs.databases.quiet: events of databases that are left alone rest during a restore, then are as they were."""

import json
from collections.abc import Iterator

import pytest

from programs.databases.quiet import JOURNAL, quiet_events, switch_on
from tests.programs.state import make_client
from tests.programs.workspace import Workspace, wait_until
from tests.servers import MariaDbServer

LOOK = (
    "SELECT EVENT_SCHEMA, EVENT_NAME, DEFINER, EVENT_DEFINITION, SQL_MODE, STARTS, ENDS, STATUS, TIME_ZONE,"
    " ON_COMPLETION, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, EVENT_COMMENT"
    " FROM information_schema.EVENTS ORDER BY 1, 2"
)
EVENTS = [
    "CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, msg TEXT)",
    "INSERT INTO log (msg) SELECT REPEAT('x', 100) FROM seq_1_to_100000",
    "SET SESSION sql_mode='PIPES_AS_CONCAT', time_zone='+03:00'",
    "CREATE EVENT civilog.`ti``ck` ON SCHEDULE EVERY 1 SECOND COMMENT 'c' DO INSERT INTO civicrm.log (msg)"
    " VALUES ('ti' || 'ck')",
    "CREATE EVENT civilog.off ON SCHEDULE EVERY 1 SECOND DISABLE DO INSERT INTO civicrm.log (msg) VALUES ('off')",
]


@pytest.fixture
def server(empty_workspace: Workspace) -> Iterator[MariaDbServer]:
    """A server whose events run: one that is on and one that is off, in a database that is left alone."""
    databases = empty_workspace.databases
    assert databases is not None
    databases.server.execute("SET GLOBAL event_scheduler=ON")
    connection = databases.server.connect(user=databases.user, password=databases.password, database="civicrm")
    with connection.cursor() as cursor:
        for statement in EVENTS:
            cursor.execute(statement)
    connection.close()
    yield databases.server
    databases.server.execute("SET GLOBAL event_scheduler=OFF")


def test_one_database_comes_back_while_another_one_s_event_writes_into_it(
    empty_workspace: Workspace, server: MariaDbServer
) -> None:
    made = empty_workspace.make_backup(SCOPE="database")
    before = server.execute(LOOK)
    outcome = empty_workspace.run(
        "restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", SCOPE="database", DATABASE="civicrm"
    )
    assert outcome.result is not None and outcome.result["ok"], outcome.result
    assert server.execute(LOOK) == before
    assert not (empty_workspace.work / JOURNAL).exists()
    count = "SELECT COUNT(*) FROM civicrm.log"
    (there,) = server.execute(count)[0]
    wait_until(lambda: server.execute(count)[0][0] > there)


def test_what_a_killed_restore_left_off_is_on_again(empty_workspace: Workspace, server: MariaDbServer) -> None:
    before, client = server.execute(LOOK), make_client(empty_workspace)
    journal = empty_workspace.work / JOURNAL
    journal.write_text(json.dumps([["civilog", "ti`ck"], ["civilog", "gone"]]))
    server.execute("ALTER DEFINER=exploitant@'%' EVENT civilog.`ti``ck` DISABLE")
    switch_on(client, journal)
    assert server.execute(LOOK) == before and not journal.exists()
    with quiet_events(client, ("civilog", "drupal"), journal=journal):
        assert json.loads(journal.read_text()) == [["civilog", "ti`ck"]]
        assert {row[7] for row in server.execute(LOOK)} == {"DISABLED"}
    assert server.execute(LOOK) == before and not journal.exists()


def test_a_journal_cut_short_names_nothing(empty_workspace: Workspace, server: MariaDbServer) -> None:
    before, journal = server.execute(LOOK), empty_workspace.work / JOURNAL
    journal.write_text("[[")
    switch_on(make_client(empty_workspace), journal)
    assert server.execute(LOOK) == before and not journal.exists()
