"""programs.databases.snapshot: what it tells is of the dump's own moment, or it says nothing."""

from collections.abc import Iterator

import pymysql
import pytest

from programs.databases.inventory import observe_inventory
from programs.databases.snapshot import Snapshot, observe_checksums
from tests.programs.state import make_client
from tests.programs.workspace import Workspace


@pytest.fixture
def snapshot(empty_workspace: Workspace) -> Iterator[Snapshot]:
    """A snapshot of a table of numbers."""
    assert empty_workspace.databases is not None
    empty_workspace.databases.server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "INSERT INTO t VALUES (1, 1), (2, 2)",
        "CREATE TABLE f (v FLOAT)",
        "INSERT INTO f VALUES (16777215)",
        "CREATE TABLE m (id INT) ENGINE=MyISAM",
        database="civicrm",
    )
    client = make_client(empty_workspace)
    with Snapshot(client, client.observe_vendor(), observe_inventory(client)) as found:
        yield found


def write(workspace: Workspace, *statements: str) -> None:
    """As the site's own account, which waits for a lock no longer than a second."""
    databases = workspace.databases
    assert databases is not None
    connection = databases.server.connect(user=databases.user, password=databases.password, database="civicrm")
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION lock_wait_timeout=1")
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_nobody_writes_until_the_dump_has_begun(empty_workspace: Workspace, snapshot: Snapshot) -> None:
    assert snapshot.is_shared
    with pytest.raises(pymysql.OperationalError):
        write(empty_workspace, "UPDATE t SET v = 3")
    snapshot.begin()
    write(empty_workspace, "UPDATE t SET v = 3", "DELETE FROM f")
    client = make_client(empty_workspace)
    told = snapshot.receive_checksums()
    assert told is not None and sorted(told["civicrm"]) == ["f", "t"], "of what a snapshot covers"
    now = observe_checksums(client, client.observe_vendor(), observe_inventory(client))
    assert now["civicrm"]["t"] != told["civicrm"]["t"] and now["civicrm"]["f"] != told["civicrm"]["f"]
    assert snapshot.exact["civicrm"]["f"].read_bytes() == b"INSERT INTO `f` (`v`) VALUES\n(16777215);\n"
    assert snapshot.exact_rows == {"civicrm": {"f": 1}}


def test_a_site_does_not_stand_still_behind_an_open_transaction(empty_workspace: Workspace) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    write(empty_workspace, "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    holder = databases.server.connect(user=databases.user, password=databases.password, database="civicrm")
    with holder.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE t SET id = 2")
        made = empty_workspace.make_backup(SCOPE="database")
    assert '"checksum":null' in (made / "manifest.json").read_text().replace(" ", "")
    assert "compare the number of rows" in (made / "manifest.json").read_text()
    holder.close()


def test_who_alters_a_table_waits_for_that_table_only(empty_workspace: Workspace, snapshot: Snapshot) -> None:
    snapshot.begin()
    told = snapshot.receive_checksums()
    assert told is not None
    write(empty_workspace, "ALTER TABLE t ADD COLUMN more INT", "DROP TABLE f")
