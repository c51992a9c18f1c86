"""programs.databases.dump: SQL of others during the dump does not matter, or is repaired by a retry, or is said."""

import threading
import time
from pathlib import Path

import pytest

from programs.databases.client import Client
from programs.databases.dump import (
    check_seen,
    dump_databases,
    dump_once,
    has_said_error,
    make_dump_command,
    make_dump_failure,
)
from programs.databases.inventory import observe_inventory
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from programs.sets.manifest import parse_manifest
from programs.verify import check_set
from tests.conftest import ParishDatabases
from tests.programs.workspace import KEY, Workspace, make_backup_id

BIG_ROWS = 60_000


@pytest.fixture
def big(empty_workspace: Workspace) -> Workspace:
    """A table that takes a moment to dump, before one whose name comes later."""
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute(
        "CREATE TABLE a_big (id INT PRIMARY KEY, text TEXT)",
        f"INSERT INTO a_big SELECT seq, REPEAT(MD5(seq), 8) FROM seq_1_to_{BIG_ROWS}",
        "CREATE TABLE z_cache (id INT PRIMARY KEY, text TEXT)",
        "INSERT INTO z_cache VALUES (1, 'x')",
        database="civicrm",
    )
    return empty_workspace


def make_client(databases: ParishDatabases, scratch: Path) -> Client:
    server = databases.server
    access = ServerAccess(server.host, server.port, databases.user, databases.password, databases.names)
    return Client(access, scratch=scratch)


def make_files(directory: Path) -> dict[str, Path]:
    return {name: directory / f"{name}.sql.gz" for name in ("civicrm", "drupal", "civilog")}


def run_during_dump(workspace: Workspace, *statements: str, times: int) -> None:
    """Run a backup; each time a dump has begun, run the statements once, `times` times at most."""
    assert workspace.databases is not None
    server = workspace.databases.server
    stop = threading.Event()

    def disturb() -> None:
        done: set[Path] = set()
        while not stop.is_set() and len(done) < times:
            names = [row[7] or "" for row in server.execute("SHOW FULL PROCESSLIST")]
            if any("FROM `a_big`" in str(name) for name in names):
                server.execute(*statements, database="civicrm")
                done.add(Path(str(len(done))))
                while not stop.is_set() and any(
                    "`a_big`" in str(row[7]) for row in server.execute("SHOW FULL PROCESSLIST")
                ):
                    time.sleep(0.005)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        made = workspace.make_backup(SCOPE="database")
    finally:
        stop.set()
        thread.join(30)
    report = check_set(made, key=KEY, expected_tenant=None)
    assert report.manifest.databases["civicrm"].tables["a_big"].rows == BIG_ROWS


@pytest.mark.parametrize(
    "statements",
    [
        ("TRUNCATE TABLE z_cache",),
        ("ALTER TABLE z_cache ADD COLUMN more INT DEFAULT 3",),
        ("ALTER TABLE z_cache ADD COLUMN wide INT DEFAULT 3, ALGORITHM=COPY",),
        ("DROP TABLE z_cache",),
        ("CREATE TABLE z_new (id INT)", "INSERT INTO z_new VALUES (1)"),
        ("CREATE TABLE 0_new (id INT)",),
        ("CREATE VIEW z_view AS SELECT 1",),
        ("INSERT INTO z_cache SELECT seq, 'late' FROM seq_2_to_500",),
        ("CREATE TRIGGER z_trigger BEFORE INSERT ON z_cache FOR EACH ROW SET NEW.text = 'y'",),
    ],
    ids=lambda statements: " ".join(statements[0].split()[:4]),
)
def test_sql_during_the_dump_never_makes_a_wrong_set(big: Workspace, statements: tuple[str, ...]) -> None:
    run_during_dump(big, *statements, times=1)
    assert big.databases is not None
    live = observe_inventory(make_client(big.databases, big.home))["civicrm"]
    made = next(path for path in big.backups.iterdir() if not path.name.startswith("."))
    database = parse_manifest((made / "manifest.json").read_bytes()).databases["civicrm"]
    for kind in ("views", "triggers"):
        assert getattr(database, kind) == getattr(live, kind)
    assert set(database.tables) == set(live.tables)


def test_rows_written_after_the_snapshot_are_not_in_the_dump(big: Workspace) -> None:
    run_during_dump(big, "INSERT INTO z_cache VALUES (2, 'late')", times=1)
    made = next(path for path in big.backups.iterdir() if not path.name.startswith("."))
    database = parse_manifest((made / "manifest.json").read_bytes()).databases["civicrm"]
    assert database.tables["z_cache"].rows == 1


def test_a_damaged_view_is_named(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    empty_workspace.databases.server.execute(
        "CREATE TABLE t (id INT)", "CREATE VIEW broken AS SELECT id FROM t", "DROP TABLE t", database="civicrm"
    )
    outcome = empty_workspace.run("backup", BACKUP_ID=make_backup_id())
    assert outcome.error == "damaged_view" and outcome.result is not None
    assert outcome.result["error"]["params"] == {"view": "broken"}


def test_a_damaged_view_is_left_out_and_said_when_asked(empty_workspace: Workspace) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    databases.server.execute(
        "CREATE TABLE t (id INT)",
        "CREATE TABLE kept (id INT)",
        "CREATE VIEW `bro.ken` AS SELECT id FROM t",
        "CREATE VIEW whole AS SELECT id FROM kept",
        "DROP TABLE t",
        database="civicrm",
    )
    outcome = empty_workspace.run("backup", BACKUP_ID=make_backup_id(), DAMAGED_VIEWS="skip")
    assert outcome.code == 0 and outcome.result is not None
    assert any("civicrm.bro.ken is damaged and left out" in warning for warning in outcome.result["warnings"])
    made = next(path for path in empty_workspace.backups.iterdir() if not path.name.startswith("."))
    held = parse_manifest((made / "manifest.json").read_bytes()).databases["civicrm"]
    assert set(held.views) == {"whole"} and set(held.tables) == {"kept"}


def test_a_damaged_table_is_named(empty_workspace: Workspace) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    databases.server.execute("CREATE TABLE frail (id INT) ENGINE=Aria", "FLUSH TABLES", database="civicrm")
    index = databases.server.datadir / "civicrm/frail.MAI"
    whole = index.read_bytes()
    index.write_bytes(b"not an index")
    outcome = empty_workspace.run("backup", BACKUP_ID=make_backup_id())
    index.write_bytes(whole)
    assert outcome.error == "damaged_table" and outcome.result is not None
    assert outcome.result["error"]["params"] == {"table": "frail"}


def test_tables_outside_of_the_snapshot_are_said(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    empty_workspace.databases.server.execute("CREATE TABLE old (id INT) ENGINE=MyISAM", database="civilog")
    made = empty_workspace.make_backup()
    warnings = parse_manifest((made / "manifest.json").read_bytes()).warnings
    assert any("civilog.old (MyISAM)" in warning for warning in warnings)


def test_enums_that_a_restore_may_change_are_said(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    empty_workspace.databases.server.execute("CREATE TABLE t (mood ENUM('a', '\U0001f600'))", database="civicrm")
    made = empty_workspace.make_backup()
    warnings = parse_manifest((made / "manifest.json").read_bytes()).warnings
    assert [warning for warning in warnings if warning.startswith("civicrm.t.mood has a value with ?")] == warnings


def test_a_row_that_this_server_would_not_take_back_is_said(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute("CREATE TABLE t (photo LONGBLOB)", "INSERT INTO t VALUES (REPEAT('x', 1500000))", database="drupal")
    allowed = server.execute("SELECT @@GLOBAL.max_allowed_packet")[0][0]
    try:
        server.execute(f"SET GLOBAL max_allowed_packet = {2 * 1024 * 1024}")
        small = empty_workspace.make_backup(SCOPE="database")
    finally:
        server.execute(f"SET GLOBAL max_allowed_packet = {allowed}")
    (warning,) = parse_manifest((small / "manifest.json").read_bytes()).warnings
    assert warning.startswith("drupal: a server needs max_allowed_packet=30")
    enough = empty_workspace.make_backup(SCOPE="database")
    assert parse_manifest((enough / "manifest.json").read_bytes()).warnings == []


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("mysqldump: [Warning] unknown option '--loose-skip-masking-policies'.\n", False),
        ("mysqldump: [Warning] the table error_log is old\n", False),
        ("mysqldump: Error: 'Access denied; you need (at least one of) the PROCESS privilege(s)'\n", True),
        ("mysqldump: [Warning] x\nmysqldump: exploitant has insufficient privileges to SHOW CREATE FUNCTION", True),
    ],
)
def test_errors_are_told_from_warnings(said: str, *, error: bool) -> None:
    assert has_said_error(said) is error


def test_a_wrong_password_is_refused_without_naming_it(empty_workspace: Workspace) -> None:
    (empty_workspace.home / "password").write_bytes(b"not-the-password")
    outcome = empty_workspace.run("backup", BACKUP_ID=make_backup_id())
    assert outcome.error == "database_refused"
    assert "not-the-password" not in outcome.stderr + str(outcome.result)


def test_a_dead_server_is_a_transient_failure(empty_workspace: Workspace) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    databases.server.kill()
    outcome = empty_workspace.run("backup", BACKUP_ID=make_backup_id())
    assert outcome.error == "database_unreachable" and outcome.result is not None
    assert outcome.result["error"]["retryable"] is True


def test_a_server_killed_in_mid_dump_never_makes_a_set(big: Workspace) -> None:
    assert big.databases is not None
    server = big.databases.server
    process = big.start("backup", BACKUP_ID=make_backup_id())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        if any("FROM `a_big`" in str(row[7]) for row in server.execute("SHOW FULL PROCESSLIST")):
            break
    server.kill()
    outcome = big.finish(process)
    assert outcome.error in ("database_unreachable", "dump_failed") and big.list_leftovers() == []
    assert [path.name for path in big.backups.iterdir()] == [".lock"]


def test_what_the_dump_lacks_is_named(parish_databases: ParishDatabases, tmp_path: Path) -> None:
    parish_databases.server.execute("CREATE TABLE t (id INT)", database="drupal")
    client = make_client(parish_databases, tmp_path)
    before = observe_inventory(client)
    written = dump_once(client, client.observe_vendor(), before, files=make_files(tmp_path), codec="gzip")
    parish_databases.server.execute("CREATE TABLE late (id INT)", database="drupal")
    with pytest.raises(ProgramError) as caught:
        check_seen(observe_inventory(client), written.seen)
    assert caught.value.code == "inventory_differs" and caught.value.params["objects"] == "late"
    assert caught.value.retryable


def test_a_lasting_failure_is_not_retried(parish_databases: ParishDatabases, tmp_path: Path) -> None:
    client = make_client(parish_databases, tmp_path)
    parish_databases.server.execute("DROP DATABASE civilog")
    with pytest.raises(ProgramError) as caught:
        dump_databases(client, client.observe_vendor(), files=make_files(tmp_path), codec="gzip")
    assert caught.value.code == "database_missing"
    assert not any(path.exists() for path in make_files(tmp_path).values())


@pytest.mark.parametrize(
    ("said", "retryable"),
    [
        ("mysqldump: Error 1412: Table definition has changed when dumping table `x` at row: 0", True),
        ("mysqldump: Error in field count for table: `x` !  Aborting.", True),
        ("mysqldump: Couldn't execute 'show create table `x`': Table 'c.x' doesn't exist (1146)", True),
        ("mysqldump: Error 2013: Lost connection to server during query when dumping table `x`", True),
        ("mysqldump: exploitant has insufficient privileges to SHOW CREATE FUNCTION `f`!", False),
        ("mysqldump: unknown option '--x'", False),
    ],
)
def test_transient_failures_are_told_from_lasting_ones(said: str, *, retryable: bool) -> None:
    failure = make_dump_failure(ProgramError("stage_failed", f"mysqldump failed: exit code 2: {said}"))
    assert failure.retryable is retryable


def test_the_option_file_comes_first_and_no_password_is_there(
    parish_databases: ParishDatabases, tmp_path: Path
) -> None:
    client = make_client(parish_databases, tmp_path)
    command = make_dump_command(client, client.observe_vendor())
    assert command[1].startswith("--defaults-file=") and client.option_file.stat().st_mode & 0o777 == 0o600
    assert not any(parish_databases.password in word for word in command)
    assert command[-4:] == ["--databases", "civicrm", "drupal", "civilog"]
