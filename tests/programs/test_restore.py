"""programs.restore: the whole set, or nothing, or a named failure that says what was touched."""

import json
import os
import random
import re
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.programs.forgery import forge_set, read_plain
from tests.programs.parish import make_parish
from tests.programs.state import describe_site, observe_state
from tests.programs.workspace import Outcome, Workspace, is_alive, list_descendants, wait_until

RANDOM_POINTS = int(os.environ.get("RANDOM_POINTS", "6"))


def restore(workspace: Workspace, made: Path, **changes: str) -> Outcome:
    return workspace.run("restore", **{"SET_DIR": str(made), "EXPECTED_TENANT": "saint-paul", **changes})


def check_restored(outcome: Outcome) -> None:
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    assert outcome.code == 0
    percents = [json.loads(line)["progress"] for line in outcome.stdout.splitlines()]
    assert percents == sorted(percents) and percents[-1] == 100


def damage(workspace: Workspace, *, tables: str = "civicrm.contact, ") -> None:
    """Drop, add and change objects, rows and files of every kind. Without `contact`, views are broken too."""
    assert workspace.databases is not None
    workspace.databases.server.execute(
        f"DROP TABLE civicrm.email, {tables}drupal.`back``quote`",
        "CREATE TABLE civicrm.extra (id INT)",
        "CREATE TABLE civicrm.email (other TEXT)",
        "CREATE TRIGGER civicrm.extra_trigger AFTER INSERT ON civicrm.extra FOR EACH ROW SET @a = 1",
        "CREATE VIEW civilog.extra_view AS SELECT 1 AS one",
        "CREATE DEFINER=exploitant@'%' FUNCTION drupal.extra_function() RETURNS INT RETURN 1",
        "CREATE EVENT civilog.extra_event ON SCHEDULE EVERY 1 DAY DO SET @a = 1",
        "DROP FUNCTION civicrm.strip_non_numeric",
        "DELETE FROM civilog.log_contact LIMIT 5",
        "ALTER DATABASE drupal CHARACTER SET latin1",
    )
    (workspace.files / "default/files/photo.jpg").write_bytes(b"other")
    shutil.rmtree(workspace.files / "default/files/civicrm")
    (workspace.files / "default/files/extra").mkdir()
    (workspace.files / "sparse").unlink()
    (workspace.files / "sparse").symlink_to("/etc/passwd")
    (workspace.files / "extra").mkdir()
    (workspace.files / "extra/shell.php").write_text("<?php")
    (workspace.private / "document.txt").unlink()
    (workspace.private / "document.txt").mkdir()


def test_a_damaged_instance_comes_back_whole(workspace: Workspace) -> None:
    os.chmod(workspace.files / "default", 0o555)
    before = observe_state(workspace)
    made = workspace.make_backup()
    damage(workspace)
    outcome = restore(workspace, made)
    check_restored(outcome)
    assert observe_state(workspace) == before
    assert workspace.list_leftovers() == []
    assert sorted(path.name for path in workspace.files.glob(".*")) == []
    assert (workspace.files / "lost+found").is_dir()
    assert outcome.result is not None and outcome.result["members"] > 10
    assert workspace.databases is not None
    secret = workspace.databases.password
    assert secret not in outcome.stdout + outcome.stderr


def test_zstd_sets_come_back_too(workspace: Workspace) -> None:
    before = observe_state(workspace)
    made = workspace.make_backup(CODEC="zstd")
    damage(workspace)
    check_restored(restore(workspace, made))
    assert observe_state(workspace) == before


def test_one_database_alone_is_restored(workspace: Workspace) -> None:
    before = observe_state(workspace)
    made = workspace.make_backup()
    damage(workspace, tables="")
    damaged = observe_state(workspace)
    check_restored(restore(workspace, made, SCOPE="database", DATABASE="civicrm"))
    after = observe_state(workspace)
    assert after.inventory["civicrm"] == before.inventory["civicrm"]
    assert after.inventory["drupal"] == damaged.inventory["drupal"]
    assert after.inventory["civilog"] == damaged.inventory["civilog"]
    assert (after.sites, after.private) == (damaged.sites, damaged.private)
    expected = before.checksums | {n: s for n, s in damaged.checksums.items() if not n.startswith("civicrm.")}
    assert after.checksums == {name: expected[name] for name in after.checksums}


def test_files_alone_are_restored(workspace: Workspace) -> None:
    before = observe_state(workspace)
    made = workspace.make_backup()
    damage(workspace, tables="")
    damaged = observe_state(workspace)
    check_restored(restore(workspace, made, SCOPE="files"))
    after = observe_state(workspace)
    assert (after.sites, after.private) == (before.sites, before.private)
    assert (after.inventory, after.checksums) == (damaged.inventory, damaged.checksums)


def test_databases_alone_are_restored_from_a_set_without_files(workspace: Workspace) -> None:
    before = observe_state(workspace)
    made = workspace.make_backup(SCOPE="database")
    damage(workspace)
    outcome = restore(workspace, made)
    assert outcome.error == "scope_missing"
    check_restored(restore(workspace, made, SCOPE="database"))
    after = observe_state(workspace)
    assert (after.inventory, after.checksums) == (before.inventory, before.checksums)


def test_objects_of_another_account_are_given_to_the_one_that_loads(empty_workspace: Workspace) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    databases.server.execute("CREATE USER elsewhere@'%'", "GRANT ALL ON *.* TO elsewhere@'%'")
    make_parish(databases.server, definer="elsewhere", contacts=3)
    databases.server.execute(f"GRANT SELECT ON mysql.* TO '{databases.user}'@'%'")
    made = empty_workspace.make_backup()
    outcome = restore(empty_workspace, made)
    check_restored(outcome)
    assert outcome.result is not None
    warnings = outcome.result["warnings"]
    assert any("elsewhere@%" in warning and "exploitant@%" in warning for warning in warnings)
    rows = databases.server.execute("SELECT DISTINCT definer FROM information_schema.triggers")
    assert rows == [("exploitant@%",)]
    databases.server.execute("INSERT INTO civicrm.contact (name) VALUES ('works')")
    assert databases.server.execute("SELECT COUNT(*) FROM civilog.log_contact") == [(4,)]


def test_an_account_that_could_not_load_everything_is_told_so_first(workspace: Workspace) -> None:
    databases = workspace.databases
    assert databases is not None
    made = workspace.make_backup()
    before = observe_state(workspace)
    for privilege in ("TRIGGER", "CREATE ROUTINE", "EVENT", "CREATE VIEW", "DROP", "REFERENCES"):
        databases.server.execute(f"REVOKE {privilege} ON civicrm.* FROM exploitant@'%'")
        outcome = restore(workspace, made)
        assert outcome.error == "missing_privilege", privilege
        assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is False
        databases.server.execute("GRANT ALL ON civicrm.* TO exploitant@'%'")
    assert observe_state(workspace) == before


def test_a_failure_after_the_drop_says_that_it_touched(workspace: Workspace, tmp_path: Path) -> None:
    made = workspace.make_backup()
    before = observe_state(workspace)
    # Definitions are tried before; that a row has one value too many, only the load finds.
    plain, rows = re.subn(
        rb"(INSERT INTO `select` VALUES\s+\()", rb"\g<1>1,", read_plain(made, "drupal.sql.gz"), count=1
    )
    assert rows == 1
    forged = forge_set(made, tmp_path / made.name, contents={"drupal.sql.gz": plain})
    outcome = restore(workspace, forged)
    assert outcome.error == "database_failed"
    assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is True
    assert (describe_site(workspace.files), describe_site(workspace.private)) == (before.sites, before.private)
    assert list(workspace.files.glob(".restore-*")) == []
    check_restored(restore(workspace, made))
    assert observe_state(workspace) == before


def test_a_restore_killed_anywhere_is_finished_by_the_next(workspace: Workspace) -> None:
    before = observe_state(workspace)
    made = workspace.make_backup()
    started = time.monotonic()
    check_restored(restore(workspace, made))
    usual = time.monotonic() - started
    seed = random.SystemRandom().randrange(1 << 32)
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    for _ in range(RANDOM_POINTS):
        damage(workspace)
        process = workspace.start("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul")
        deadline = time.monotonic() + chance.uniform(0.05, usual)
        wait_until(lambda: time.monotonic() > deadline or process.poll() is not None)  # noqa: B023
        children = list_descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        wait_until(lambda: not any(is_alive(pid) for pid in children))  # noqa: B023
        check_restored(restore(workspace, made))
        assert observe_state(workspace) == before
        assert workspace.list_leftovers() == []
        assert list(workspace.files.glob(".restore-*")) + list(workspace.files.glob(".trash-*")) == []
