"""Sets of the MySQL that production runs come back as they were, on a server of the same packages: real programs, no
pods. The judge, the trial, the throwaway accounts and the comparison are the same as on MariaDB; its dumps are not."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.control import Cluster
from tests.cluster.packaged_mysql import MySqlServer
from tests.conftest import ParishDatabases
from tests.programs.workspace import Workspace

pytestmark = pytest.mark.cluster
OBJECTS = [
    "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, f FLOAT, v VARCHAR(30) DEFAULT 'it''s 😀', w TEXT,"
    " l VARCHAR(9) CHARACTER SET latin1 DEFAULT 'é', KEY (f))",
    "INSERT INTO t (f, w) VALUES (16777215, 'é'), (0.010516252390057362, '😀')",
    "CREATE TABLE j (id INT PRIMARY KEY, a JSON DEFAULT (JSON_OBJECT('k', 1)), b INT INVISIBLE, c INT AS (id + 1),"
    " KEY k ((id + 1)), KEY m ((CAST(a->'$.x' AS UNSIGNED ARRAY))))",
    "INSERT INTO j (id) VALUES (1), (2)",
    "CREATE TABLE g (p POINT NOT NULL SRID 4326, SPATIAL KEY (p))",
    "CREATE TABLE civilog.c (id INT, CONSTRAINT parent FOREIGN KEY (id) REFERENCES civicrm.t (id))",
    "CREATE TABLE h (a INT, d DATE) PARTITION BY RANGE (YEAR(d)) (PARTITION p0 VALUES LESS THAN (2000),"
    " PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "CREATE TRIGGER second BEFORE INSERT ON t FOR EACH ROW SET NEW.w = 'x;'",
    "CREATE TRIGGER first BEFORE INSERT ON t FOR EACH ROW PRECEDES second SET @a = 1",
    "CREATE FUNCTION plus(a INT) RETURNS INT DETERMINISTIC RETURN a + 1",
    "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; SELECT COUNT(*) FROM drupal.v; END",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY COMMENT 'DO' DO DELETE FROM civicrm.t WHERE id < 0",
    "CREATE VIEW drupal.v AS SELECT id, civicrm.plus(id) AS b FROM civicrm.t",
    "CREATE VIEW a AS SELECT x.id FROM drupal.v x JOIN t y USING (id)",
    "CREATE VIEW r AS WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n",
    "CREATE VIEW s AS SELECT a FROM h EXCEPT SELECT a FROM h INTERSECT SELECT 1",
    "CREATE JSON RELATIONAL DUALITY VIEW d AS SELECT JSON_DUALITY_OBJECT('_id': id, 'f': f) FROM t",
]
RESTLESS = "the server tells the view civicrm.s in other words with every load"


@pytest.fixture(scope="module")
def server(own_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MySqlServer]:  # noqa: ARG001 - its images
    server = MySqlServer(tmp_path_factory.mktemp("mysql"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def parish(server: MySqlServer) -> Iterator[Workspace]:
    password = "p" + secrets.token_hex(8)
    server.reset(password=password)
    workspace = Workspace(ParishDatabases(server, "exploitant", password))
    connection = server.connect(user="exploitant", password=password, database="civicrm")
    with connection.cursor() as cursor:
        for statement in OBJECTS:
            cursor.execute(statement)
    connection.close()
    yield workspace
    workspace.remove()


def run(parish: Workspace, server: MySqlServer, program: str, **changes: str) -> list[str]:
    path = f"{server.commands}:{os.environ['PATH']}"
    outcome = parish.run(program, PATH=path, SCOPE="database", **changes)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    return list(outcome.result["warnings"])


@pytest.mark.parametrize("administrator", [True, False])
def test_a_set_of_mysql_comes_back(parish: Workspace, server: MySqlServer, administrator: bool) -> None:
    if administrator:
        parish.give_administrator()
    assert run(parish, server, "backup", BACKUP_ID=(name := "20261121T080000Z-5f3a9c")) == []
    made = Path(parish.backups / name)
    rows = "SELECT id, f * 1e0, v, HEX(w), l FROM civicrm.t ORDER BY id"
    before = server.execute(rows)
    for database in ("", "civicrm"):
        told = run(parish, server, "restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", DATABASE=database)
        assert RESTLESS in told, told
        others = [text for text in told if text != RESTLESS]
        assert len(others) == (0 if administrator else 1), others
        assert administrator or "2 views" not in others[0] and "views" in others[0]
        assert server.execute(rows) == before
    accounts = "SELECT user FROM mysql.user WHERE user LIKE 'civiparoisse%'"
    assert server.execute(accounts) == []
    server.execute("INSERT INTO civicrm.t (id) VALUES (99)")
    assert server.execute("SELECT HEX(v), w FROM civicrm.t WHERE id = 99") == [("6974277320F09F9880", "x;")]
