"""programs.databases.inventory: every object of a live server, each hash the same after a restore and only then."""

from pathlib import Path

import pytest

from programs.databases.client import Client
from programs.databases.inventory import (
    Inventory,
    compute_body_hash,
    list_uncertain_columns,
    list_unsnapshotted,
    make_damaged,
    normalise_body,
    observe_inventory,
    observe_row_counts,
)
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from tests.conftest import ParishDatabases
from tests.programs.parish import ODD_NAMES, make_parish


def make_client(databases: ParishDatabases, scratch: Path) -> Client:
    server = databases.server
    access = ServerAccess(server.host, server.port, databases.user, databases.password, databases.names)
    return Client(access, scratch=scratch)


@pytest.fixture
def client(parish_databases: ParishDatabases, tmp_path: Path) -> Client:
    make_parish(parish_databases.server, contacts=5)
    return make_client(parish_databases, tmp_path)


def test_every_kind_of_object_is_seen(client: Client) -> None:
    found = observe_inventory(client)
    civicrm = found["civicrm"]
    assert set(civicrm.tables) == {"civicrm_domain", "contact", "email", "empty_table", "history"}
    assert set(civicrm.views) == {"plain_view", "a_view_of_view"}
    assert set(civicrm.triggers) == {"after_contact"}
    assert set(civicrm.routines) == {"FUNCTION strip_non_numeric", "PROCEDURE count_contacts"}
    assert set(civicrm.events) == {"purge_log"} and set(civicrm.sequences) == {"receipt"}
    assert civicrm.definers == {"exploitant@%"} and civicrm.versioned == {"history"}
    assert set(found["drupal"].tables) == set(ODD_NAMES)
    assert (civicrm.character_set, civicrm.collation) == ("utf8mb4", "utf8mb4_unicode_ci")


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        (("CREATE OR REPLACE DEFINER=exploitant@'%' VIEW plain_view AS SELECT id, name, 2 AS text "
          "FROM contact",), "views"),
        (("DROP TRIGGER after_contact", "CREATE DEFINER=exploitant@'%' TRIGGER after_contact "
          "BEFORE INSERT ON contact FOR EACH ROW SET @x = 1"), "triggers"),
        (("CREATE OR REPLACE DEFINER=exploitant@'%' FUNCTION strip_non_numeric(input VARCHAR(9)) RETURNS TEXT "
          "DETERMINISTIC NO SQL RETURN REGEXP_REPLACE(input, '[^0-9]', '')",), "routines"),
        (("ALTER EVENT purge_log ON SCHEDULE EVERY 2 DAY",), "events"),
        (("ALTER SEQUENCE receipt INCREMENT BY 7",), "sequences"),
        (("CREATE TABLE another (id INT)",), "tables"),
    ],
)  # fmt: skip
def test_a_changed_object_changes_its_inventory(
    client: Client, parish_databases: ParishDatabases, statements: tuple[str, ...], kind: str
) -> None:
    before = observe_inventory(client)["civicrm"]
    parish_databases.server.execute(*statements, database="civicrm")
    after = observe_inventory(client)["civicrm"]
    different = {name for name in vars(before) if getattr(before, name) != getattr(after, name)} - {"definers"}
    assert different - {"views_as_told"} == {kind}


def test_using_a_sequence_does_not_change_it(client: Client, parish_databases: ParishDatabases) -> None:
    before = observe_inventory(client)
    parish_databases.server.execute("SELECT NEXT VALUE FOR receipt", database="civicrm")
    assert observe_inventory(client) == before


def test_rows_are_counted_exactly(client: Client) -> None:
    found = observe_inventory(client)
    counts = observe_row_counts(client, "civicrm", found["civicrm"])
    assert counts == {"civicrm_domain": 1, "contact": 5, "email": 5, "empty_table": 0, "history": 2}
    assert observe_row_counts(client, "drupal", found["drupal"]) == dict.fromkeys(ODD_NAMES, 3)


def test_many_tables_are_counted(client: Client, parish_databases: ParishDatabases) -> None:
    names = [f"t{number}" for number in range(95)]
    parish_databases.server.execute(*(f"CREATE TABLE {name} (id INT)" for name in names), database="civilog")
    parish_databases.server.execute("INSERT INTO t94 VALUES (1)", database="civilog")
    counts = observe_row_counts(client, "civilog", observe_inventory(client)["civilog"])
    assert len(counts) == 96 and counts["t94"] == 1 and counts["t93"] == 0


def test_a_missing_database_is_named(client: Client, parish_databases: ParishDatabases) -> None:
    parish_databases.server.execute("DROP DATABASE drupal")
    with pytest.raises(ProgramError) as caught:
        observe_inventory(client)
    assert (caught.value.code, caught.value.params) == ("database_missing", {"database": "drupal"})


def test_tables_outside_of_a_snapshot_are_listed(client: Client, parish_databases: ParishDatabases) -> None:
    parish_databases.server.execute("CREATE TABLE old (id INT) ENGINE=MEMORY", database="civilog")
    found: Inventory = observe_inventory(client)
    assert list_unsnapshotted(found) == ["civilog.old (MEMORY)"]


@pytest.mark.parametrize("where", ["`e;;`", "e COMMENT ';;'", "e DO_BODY"])
def test_an_event_that_no_dump_program_ends_with_is_named(
    client: Client, parish_databases: ParishDatabases, where: str
) -> None:
    name, _, rest = where.partition(" ")
    comment, body = ("", "BEGIN /* ;; */ SET @a = 1; END") if rest == "DO_BODY" else (rest, "SET @a = 1")
    parish_databases.server.execute(
        f"CREATE EVENT {name} ON SCHEDULE EVERY 1 DAY {comment} DO {body}", database="civilog"
    )
    with pytest.raises(ProgramError) as caught:
        observe_inventory(client)
    assert (caught.value.code, caught.value.params) == ("undumpable_event", {"event": name.strip("`")})


def test_enums_whose_values_the_server_does_not_tell_are_listed(
    client: Client, parish_databases: ParishDatabases
) -> None:
    parish_databases.server.execute(
        "CREATE TABLE moods (mood ENUM('a', '\U0001f600'), sure ENUM('a', 'é'), note VARCHAR(9) DEFAULT '?',"
        " several SET('x', '\U0001f389')) CHARACTER SET utf8mb4",
        database="drupal",
    )
    assert list_uncertain_columns(observe_inventory(client)) == ["drupal.moods.mood", "drupal.moods.several"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("BEGIN /* c */ -- d\n  SET @a = 1;\nEND", "BEGIN SET @a = 1; END ;", True),
        ("SET @a = 'x  y'", "SET @a = 'x y'", False),
        ("SET @a = '-- x'", "SET @a = ''", False),
        ("SET @a = '/* x */'", "SET @a = ''", False),
        ("SELECT `a  b`", "SELECT `a b`", False),
        ("SET @a = 'it''s # 1'", "SET @a = 'it''s '", False),
        ("SELECT 1 # one\n+ 1", "SELECT 1 + 1", True),
        ("/*!50003 SET @a = 1 */", "SET @a = 1", False),
    ],
)
def test_only_comments_and_spaces_do_not_count(one: str, other: str, *, same: bool) -> None:
    assert (normalise_body(one) == normalise_body(other)) is same
    assert (compute_body_hash(one, "x") == compute_body_hash(other, "x")) is same
    assert compute_body_hash(one, "x") != compute_body_hash(one, "y")


def test_of_several_damaged_views_always_the_same_one_is_told(
    client: Client, parish_databases: ParishDatabases
) -> None:
    views = (f"CREATE VIEW view_{letter} AS SELECT id FROM gone" for letter in "zmaxbq")
    parish_databases.server.execute("CREATE TABLE gone (id INT)", *views, "DROP TABLE gone", database="civicrm")
    with pytest.raises(ProgramError) as raised:
        observe_inventory(client)
    assert (raised.value.code, raised.value.params) == ("damaged_view", {"view": "view_a"})


def test_damage_is_named_by_kind() -> None:
    error = make_damaged("table", "contact", said="Incorrect file format")
    assert error.code == "damaged_table" and "Incorrect file format" in error.message
