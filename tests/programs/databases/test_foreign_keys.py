"""programs.databases.foreign_keys: keys of one and of several columns, and the rows that name nothing."""

from pathlib import Path

import pytest

from programs.databases.client import Client
from programs.databases.foreign_keys import count_orphans, list_foreign_keys
from programs.run.environment import ServerAccess
from tests.conftest import ParishDatabases


@pytest.fixture
def client(parish_databases: ParishDatabases, tmp_path: Path) -> Client:
    server = parish_databases.server
    access = ServerAccess(server.host, server.port, "exploitant", parish_databases.password, parish_databases.names)
    return Client(access, scratch=tmp_path)


def test_rows_that_name_nothing_are_counted_also_of_other_tables(
    client: Client, parish_databases: ParishDatabases
) -> None:
    parish_databases.server.execute(
        "SET foreign_key_checks = 0",
        "CREATE TABLE parent (a INT, b INT, PRIMARY KEY (a, b))",
        "CREATE TABLE child (a INT, b INT, CONSTRAINT k FOREIGN KEY (a, b) REFERENCES parent (a, b))",
        "CREATE TABLE other (a INT, b INT)",
        "INSERT INTO parent VALUES (1, 1), (1, 2)",
        "INSERT INTO child VALUES (1, 1), (1, 3), (2, 1), (NULL, 1), (1, NULL)",
        database="civicrm",
    )
    (key,) = list_foreign_keys(client)
    assert (key.table, key.referenced_table, key.columns) == ("child", "parent", (("a", "a"), ("b", "b")))
    assert count_orphans(client, key) == 2
    assert count_orphans(client, key, parent="`civicrm`.`other`") == 3
    assert count_orphans(client, key, child="`civicrm`.`other`") == 0
