"""programs.restore: what the source allowed comes back, with the values it had."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.programs.forgery import forge_set, read_plain
from tests.programs.workspace import Outcome, Workspace, wait_until
from tests.servers import MariaDbServer

WIDE = ",".join([f"a{n} VARCHAR(255)" for n in range(30)] + [f"b{n} VARCHAR(50)" for n in range(170)])
# What a session of the site may have allowed, by what is looked at afterwards.
ALLOWED = {
    "rows larger than a page": (
        [
            "SET SESSION innodb_strict_mode=0",
            f"CREATE TABLE t (id INT PRIMARY KEY, {WIDE})",
            "INSERT INTO t (id) VALUES (1)",
        ],
        "SELECT id FROM t",
    ),
    "options that do not fit together": (
        [
            "SET SESSION innodb_strict_mode=0",
            "CREATE TABLE t (a INT) ENGINE=InnoDB ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=8",
        ],
        "SHOW CREATE TABLE t",
    ),
    "rows older than a check": (
        [
            "CREATE TABLE t (a INT)",
            "INSERT INTO t VALUES (-1)",
            "SET SESSION check_constraint_checks=0",
            "ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0)",
        ],
        "SELECT a FROM t",
    ),
    "dates that are none": (
        [
            "SET SESSION sql_mode='ALLOW_INVALID_DATES'",
            "CREATE TABLE t (id INT PRIMARY KEY, d DATE, m DATETIME DEFAULT '2024-02-31')",
            "INSERT INTO t VALUES (1, '2024-02-31', '2023-02-30 10:00:00'), (2, '0000-00-00', '2024-00-00')",
        ],
        "SELECT id, CAST(d AS CHAR), CAST(m AS CHAR) FROM t ORDER BY id",
    ),
}


def prepare(workspace: Workspace, *statements: str) -> None:
    """Run statements in one session of the parish's own account."""
    databases = workspace.databases
    assert databases is not None
    connection = databases.server.connect(user=databases.user, password=databases.password, database="civicrm")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def look(workspace: Workspace, query: str) -> Any:
    """What a query of civicrm answers."""
    assert workspace.databases is not None
    return workspace.databases.server.execute(query, database="civicrm")


def list_told(outcome: Outcome) -> list[str]:
    """The warnings of a restore, without what is said of every one that was not given the server's root."""
    assert outcome.result is not None
    warnings = outcome.result["warnings"]
    assert isinstance(warnings, list)
    return [text for text in warnings if "no administrator's was given" not in text]


def restore_newest(workspace: Workspace) -> Outcome:
    """Restore the set that was made last."""
    made = max(path for path in workspace.backups.iterdir() if not path.name.startswith("."))
    outcome = workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    return outcome


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_source_allowed_comes_back(empty_workspace: Workspace, name: str) -> None:
    statements, query = ALLOWED[name]
    prepare(empty_workspace, *statements)
    before = look(empty_workspace, query)
    empty_workspace.make_backup(SCOPE="database")
    prepare(empty_workspace, "DROP TABLE t")
    restore_newest(empty_workspace)
    assert look(empty_workspace, query) == before


@pytest.fixture
def scheduler(database_server: MariaDbServer) -> Iterator[None]:
    """A server whose events run, as those of instances do."""
    database_server.execute("SET GLOBAL event_scheduler=ON")
    yield
    database_server.execute("SET GLOBAL event_scheduler=OFF")


@pytest.mark.usefixtures("scheduler")
def test_no_event_runs_before_the_comparison_is_over(empty_workspace: Workspace) -> None:
    prepare(
        empty_workspace,
        "CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, msg TEXT)",
        "INSERT INTO log (msg) SELECT REPEAT('x', 100) FROM seq_1_to_200000",
        "CREATE EVENT civilog.tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO civicrm.log (msg) VALUES ('tick')",
    )
    empty_workspace.make_backup(SCOPE="database")
    assert list_told(restore_newest(empty_workspace)) == []
    ticks = "SELECT COUNT(*) FROM log WHERE msg = 'tick'"
    there = look(empty_workspace, ticks)
    wait_until(lambda: look(empty_workspace, ticks) > there)


@pytest.mark.parametrize("schedule", ["AT NOW() + INTERVAL 1 SECOND", "EVERY 1 SECOND ENDS NOW() + INTERVAL 1 SECOND"])
def test_an_event_whose_time_is_over_is_told(empty_workspace: Workspace, schedule: str) -> None:
    prepare(
        empty_workspace,
        "CREATE TABLE t (made DATETIME)",
        "INSERT INTO t VALUES (NOW())",
        f"CREATE EVENT `on``ce` ON SCHEDULE {schedule} DO INSERT INTO t VALUES (1)",
        "CREATE EVENT later ON SCHEDULE AT NOW() + INTERVAL 3 DAY DO INSERT INTO t VALUES (2)",
    )
    empty_workspace.make_backup(SCOPE="database")
    wait_until(lambda: look(empty_workspace, "SELECT NOW() > made + INTERVAL 1 SECOND FROM t") == [(1,)])
    (warning,) = list_told(restore_newest(empty_workspace))
    assert "civicrm.on`ce" in warning and "time is over" in warning
    events = "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'civicrm'"
    assert look(empty_workspace, events) == [("later",)]


EXACT = {
    "all digits of a FLOAT": (
        [
            "CREATE TABLE t (id INT PRIMARY KEY, v FLOAT, note TEXT, b BLOB, late INT AS (id + 1) STORED)",
            "INSERT INTO t (id, v, note, b) VALUES (1, 16777215, 'it''s\\n', 0x00FF),"
            " (2, 0.010516252390057362, '', ''),"
            " (3, NULL, NULL, NULL)",
        ],
        "SELECT id, v * 1e0, note, b, late FROM t ORDER BY id",
    ),
    "a FLOAT that is a key": (
        ["CREATE TABLE t (v FLOAT PRIMARY KEY)", "INSERT INTO t VALUES (16777214), (16777215)"],
        "SELECT v * 1e0 FROM t",
    ),
    "a FLOAT as a default": (
        ["CREATE TABLE t (id INT, v FLOAT DEFAULT 16777215)"],
        "SELECT DEFAULT(t.v) * 1e0 FROM (SELECT 1) AS one LEFT JOIN t ON 0",
    ),
    "an emoji as a default": (
        ["CREATE TABLE t (id INT, a VARCHAR(10) CHARACTER SET utf8mb4 DEFAULT 'a''\U0001f600')"],
        "SELECT HEX(DEFAULT(t.a)) FROM (SELECT 1) AS one LEFT JOIN t ON 0",
    ),
    "bytes that are no letters": (
        [
            "SET SESSION sql_mode=''",
            "CREATE TABLE t (a VARCHAR(9) CHARACTER SET ascii, b VARCHAR(9) CHARACTER SET cp1251,"
            " c VARCHAR(9) CHARACTER SET latin1, d VARCHAR(9) CHARACTER SET sjis, e TEXT)",
            "INSERT INTO t VALUES (0xE9, 0x98, 0x81, 0x81AD, '\U0001f600')",
        ],
        "SELECT HEX(a), HEX(b), HEX(c), HEX(d), HEX(e) FROM t",
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_values_come_back_exactly(empty_workspace: Workspace, name: str) -> None:
    statements, query = EXACT[name]
    prepare(empty_workspace, *statements)
    before = look(empty_workspace, query)
    empty_workspace.make_backup(SCOPE="database")
    prepare(empty_workspace, "DROP TABLE t")
    assert list_told(restore_newest(empty_workspace)) == []
    assert look(empty_workspace, query) == before


def test_values_that_are_others_are_no_restore(empty_workspace: Workspace, tmp_path: Path) -> None:
    prepare(empty_workspace, "CREATE TABLE t (v INT)", "INSERT INTO t VALUES (1234567)")
    made = empty_workspace.make_backup(SCOPE="database")
    other = read_plain(made, "civicrm.sql.gz").replace(b"(1234567)", b"(7654321)")
    forged = forge_set(made, tmp_path / made.name, contents={"civicrm.sql.gz": other})
    outcome = empty_workspace.run("restore", SET_DIR=str(forged), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert outcome.error == "restore_differs"
    assert outcome.result is not None and outcome.result["error"]["params"]["kind"] == "values"
