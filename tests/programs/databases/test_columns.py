"""programs.databases.columns: what a dump does not tell exactly is found."""

from programs.databases.columns import (
    Column,
    make_checksum,
    observe_defaults,
    observe_special_tables,
    quote_default,
    select_inexact,
)
from tests.programs.state import make_client
from tests.programs.workspace import Workspace


def create(workspace: Workspace, *statements: str) -> None:
    assert workspace.databases is not None
    workspace.databases.server.execute(*statements, database="civicrm")


def test_tables_with_values_of_many_forms_are_special(empty_workspace: Workspace) -> None:
    create(
        empty_workspace,
        "CREATE TABLE f (id INT, v FLOAT, twice FLOAT AS (v * 2) STORED)",
        "CREATE TABLE b (v BIT(5))",
        "CREATE TABLE c (v VARCHAR(9) CHARACTER SET cp1251)",
        "CREATE TABLE plain (id INT, t TEXT, l VARCHAR(9) CHARACTER SET latin1)",
    )
    special = observe_special_tables(make_client(empty_workspace), "civicrm", also=["plain"])
    assert special["f"] == [Column("id", "int", None), Column("v", "float", None)], "what is generated is not written"
    assert sorted(special) == ["b", "c", "f", "plain"]
    assert sorted(select_inexact(special)) == ["c", "f"]


def test_defaults_are_told_exactly(empty_workspace: Workspace) -> None:
    create(
        empty_workspace,
        "CREATE TABLE t (id INT, a VARCHAR(20) CHARACTER SET utf8mb4 DEFAULT 'it''s \\\\ 😀', b VARCHAR(9) DEFAULT '?',"
        " f FLOAT DEFAULT 16777215, g FLOAT DEFAULT 0.5, e VARCHAR(40) DEFAULT (CONCAT('?', id)))",
        "INSERT INTO t (id) VALUES (1)",
    )
    found = observe_defaults(make_client(empty_workspace), "civicrm")
    assert found == {"t": {"a": "'it''s \\\\ 😀'", "f": "16777215"}}


def test_a_default_is_written_as_definitions_have_it() -> None:
    assert quote_default("a'b\\c\nd") == "'a''b\\\\c\\nd'"


def test_equal_rows_have_one_checksum_whatever_their_order_and_form(empty_workspace: Workspace) -> None:
    columns = "(id INT, b BIT(5), d DOUBLE, s BLOB)"
    create(
        empty_workspace,
        f"CREATE TABLE one {columns}",
        f"CREATE TABLE two {columns}",
        "INSERT INTO one VALUES (1, b'101', 0e0, 'x'), (2, NULL, NULL, NULL), (2, NULL, NULL, NULL)",
        "INSERT INTO two VALUES (2, NULL, NULL, NULL), (2, NULL, NULL, NULL), (1, b'101', 0e0, 'x')",
    )
    client = make_client(empty_workspace)
    special = observe_special_tables(client, "civicrm")

    def look(table: str) -> str | None:
        return client.query((make_checksum(special[table]),), f"FROM civicrm.{table}")[0][0]

    assert look("one") == look("two")
    create(empty_workspace, "UPDATE two SET s = '' WHERE id = 2 LIMIT 1")
    assert look("one") != look("two"), "nothing and an empty text are not the same"
