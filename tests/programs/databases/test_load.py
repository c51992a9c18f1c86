"""programs.databases.load: what the server would refuse is known before anything is dropped."""

import dataclasses
from pathlib import Path

import pytest

from programs.databases.client import Vendor
from programs.databases.comparison import check_loaded, check_values, select_views
from programs.databases.inventory import LiveDatabase
from programs.databases.load import (
    FOREIGN_KEYS,
    Loader,
    check_server,
    check_versions,
    observe_account,
    parse_series,
    recreate_database,
)
from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, Manifest, Server, parse_manifest
from programs.verify import check_set
from tests.conftest import ParishDatabases
from tests.programs.forgery import forge_set, read_plain
from tests.programs.parish import make_parish
from tests.programs.state import make_client
from tests.programs.workspace import KEY, Workspace
from tests.servers import MariaDbServer


@pytest.fixture
def made(empty_workspace: Workspace) -> Path:
    """A set of a parish's databases."""
    assert empty_workspace.databases is not None
    make_parish(empty_workspace.databases.server, contacts=3)
    return empty_workspace.make_backup(SCOPE="database")


def read_manifest(made: Path) -> Manifest:
    return parse_manifest((made / NAME).read_bytes())


def make_loader(workspace: Workspace, made: Path) -> Loader:
    client = make_client(workspace)
    return Loader(client, client.observe_vendor(), made, read_manifest(made), observe_account(client))


def load(workspace: Workspace, made: Path) -> Loader:
    """Load a whole set as the program does."""
    loader = make_loader(workspace, made)
    for artifact in loader.manifest.artifacts:
        recreate_database(loader.client, str(artifact.database), loader.manifest.databases[str(artifact.database)])
    loader.load_tables(loader.manifest.artifacts, report=lambda _artifact: None)
    loader.load_views()
    return loader


@pytest.mark.parametrize(
    ("version", "series"),
    [
        ("10.11.19-MariaDB-deb12", (10, 11)),
        ("8.4.0", (8, 4)),
        ("9.7.4-commercial", (9, 7)),
        ("odd", (0, 0)),
    ],
)
def test_versions_are_compared_by_series(version: str, series: tuple[int, int]) -> None:
    assert parse_series(version) == series


def test_what_was_loaded_equals_the_manifest(empty_workspace: Workspace, made: Path) -> None:
    loader = load(empty_workspace, made)
    check_loaded(loader.client, loader.manifest.databases)
    assert loader.definers == set()


def test_the_comments_of_programs_come_back(empty_workspace: Workspace, made: Path) -> None:
    load(empty_workspace, made)
    assert empty_workspace.databases is not None
    told = empty_workspace.databases.server.execute("SHOW CREATE PROCEDURE civicrm.count_contacts")[0][2]
    assert "BEGIN -- a comment; with ;;\n" in told


def test_views_of_older_sets_are_known_by_their_former_hashes() -> None:
    views, told = {"v": "new", "w": "new"}, {"v": "old", "w": "old"}
    live = LiveDatabase("utf8mb4", "utf8mb4_bin", views=views, views_as_told=told)
    assert select_views(live, {"v": "old", "w": "other"}) == {"v": "old", "w": "new"}


def test_a_server_that_knows_no_rule_about_foreign_keys_takes_the_first_statement(empty_workspace: Workspace) -> None:
    make_client(empty_workspace).run(f"{FOREIGN_KEYS};")


# From what is compared last to what is compared first: each change is what is named, although the earlier ones stay.
CHANGES = (
    ("UPDATE civilog.log_contact SET name = 'other' LIMIT 1", "values"),
    ("ALTER TABLE drupal.`123` ENGINE=MyISAM", "tables"),
    ("CREATE EVENT civicrm.early ON SCHEDULE EVERY 1 DAY DO SET @a = 1", "events"),
    ("DROP SEQUENCE civicrm.receipt", "sequences"),
    ("DROP FUNCTION civicrm.strip_non_numeric", "routines"),
    ("DROP TRIGGER civicrm.after_contact", "triggers"),
    ("ALTER VIEW civicrm.plain_view AS SELECT 1 AS id, 2 AS name", "views"),
    ("CREATE TABLE civicrm.extra (id INT)", "tables"),
)


def test_every_difference_is_named(empty_workspace: Workspace, made: Path) -> None:
    loader = load(empty_workspace, made)
    assert empty_workspace.databases is not None
    for change, kind in CHANGES:
        empty_workspace.databases.server.execute(change)
        with pytest.raises(ProgramError) as caught:
            check_loaded(loader.client, loader.manifest.databases)
            check_values(loader.client, loader.vendor, loader.manifest.databases)
        params = caught.value.params
        assert (caught.value.code, params["kind"]) == ("restore_differs", kind), change
        assert f"{params['database']}." in change, change


def test_a_set_of_a_newer_server_is_refused(empty_workspace: Workspace, made: Path) -> None:
    client = make_client(empty_workspace)
    manifest = read_manifest(made)
    check_server(client, client.observe_vendor(), manifest)
    assert manifest.server is not None
    newer = dataclasses.replace(manifest, server=dataclasses.replace(manifest.server, version="11.0.1-MariaDB"))
    with pytest.raises(ProgramError) as caught:
        check_server(client, client.observe_vendor(), newer)
    assert caught.value.code == "older_server"


# Rows: where a set was made; columns: where it is to go.
SERVERS = (
    "mariadb 10.6.22",
    "mariadb 10.11.14",
    "mariadb 11.4.9",
    "mariadb 11.8.3",
    "mysql 8.0.46",
    "mysql 8.4.7",
    "mysql 9.7.4",
)
MATRIX = """
    . . . . v v v
    o . . . v v v
    o o . . v v v
    o o o . v v v
    v v v v . . .
    v v v v o . .
    v v v v o o .
"""
VERDICTS = {".": "", "v": "other_vendor", "o": "older_server"}


def test_every_set_is_taken_by_its_own_and_newer_series_of_its_vendor_alone() -> None:
    rows = [row.split() for row in MATRIX.strip().splitlines()]
    for made_on, row in zip(SERVERS, rows, strict=True):
        for here, expected in zip(SERVERS, row, strict=True):
            origin = Server(*made_on.split(" "), client_version="x", lower_case_table_names=0)
            vendor = Vendor(*here.split(" "), client="x", dump="x", client_version="x")
            found, params = "", {}
            try:
                check_versions(origin, vendor)
            except ProgramError as error:
                found, params = error.code, error.params
            assert found == VERDICTS[expected], (made_on, here)
            assert not found or params == {"origin": made_on, "server": here}


def test_a_binary_log_that_forbids_routines_is_known_first() -> None:
    server = MariaDbServer(options=["--log-bin=changes", "--server-id=1"])
    try:
        server.start()
        server.reset(password="plain")
        workspace = Workspace(ParishDatabases(server=server, user="exploitant", password="plain"))
        try:
            server.execute("CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1", database="drupal")
            server.execute("GRANT SELECT ON mysql.proc TO exploitant@'%'")
            manifest = read_manifest(workspace.make_backup(SCOPE="database"))
            client = make_client(workspace)
            with pytest.raises(ProgramError) as caught:
                check_server(client, client.observe_vendor(), manifest)
            assert (caught.value.code, caught.value.params) == ("routines_refused", {"database": "drupal"})
            server.execute("SET GLOBAL log_bin_trust_function_creators = 1")
            check_server(client, client.observe_vendor(), manifest)
        finally:
            workspace.remove()
    finally:
        server.stop()


def test_a_row_larger_than_the_server_takes_is_known_first(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute(
        "CREATE TABLE big (photo LONGBLOB)", "INSERT INTO big VALUES (REPEAT('x', 1500000))", database="drupal"
    )
    loader = make_loader(empty_workspace, empty_workspace.make_backup(SCOPE="database"))
    names = loader.client.access.databases
    longest = check_set(loader.set_dir, key=KEY, expected_tenant=None, loaded=names).longest_statements
    loader.check_packets(longest)
    allowed = server.execute("SELECT @@GLOBAL.max_allowed_packet")[0][0]
    try:
        server.execute(f"SET GLOBAL max_allowed_packet = {2 * 1024 * 1024}")
        with pytest.raises(ProgramError) as caught:
            loader.check_packets(longest)
    finally:
        server.execute(f"SET GLOBAL max_allowed_packet = {allowed}")
    assert caught.value.code == "packet_too_small" and caught.value.params["database"] == "drupal"
    assert caught.value.params["needed"] > 3_000_000 > caught.value.params["allowed"]


def test_a_statement_the_server_refuses_is_reported_with_its_number(
    empty_workspace: Workspace, made: Path, tmp_path: Path
) -> None:
    plain = read_plain(made, "civilog.sql.gz").replace(
        b"CREATE TABLE `log_contact` (", b"CREATE TABLE `log_contact` (wrong,", 1
    )
    forged = forge_set(made, tmp_path / made.name, contents={"civilog.sql.gz": plain})
    with pytest.raises(ProgramError) as caught:
        load(empty_workspace, forged)
    assert (caught.value.code, caught.value.params["number"]) == ("database_failed", 1064)


def test_without_checksums_rows_are_counted(empty_workspace: Workspace, made: Path) -> None:
    loader = load(empty_workspace, made)
    for database in loader.manifest.databases.values():
        for name, table in database.tables.items():
            database.tables[name] = dataclasses.replace(table, checksum=None)
    check_loaded(loader.client, loader.manifest.databases)
    assert empty_workspace.databases is not None
    empty_workspace.databases.server.execute("DELETE FROM civilog.log_contact LIMIT 1")
    check_values(loader.client, loader.vendor, loader.manifest.databases)
    with pytest.raises(ProgramError) as caught:
        check_loaded(loader.client, loader.manifest.databases)
    assert caught.value.params["kind"] == "row counts"
