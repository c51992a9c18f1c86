"""programs.restore: the whole set, or nothing, or a named failure that says what was touched."""

import dataclasses
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from programs.sets.manifest import NAME, Server, parse_manifest
from tests.conftest import ParishDatabases
from tests.programs.archives import HOSTILE
from tests.programs.forgery import forge_set, read_plain
from tests.programs.parish import make_files, make_parish
from tests.programs.state import State, describe_site, observe_state
from tests.programs.workspace import KEY, Outcome, Workspace, is_alive, list_descendants, wait_until
from tests.servers import MariaDbServer

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


@pytest.fixture(scope="module")
def parish_and_set(database_server: MariaDbServer) -> Iterator[tuple[Workspace, Path, State]]:
    """One parish and its set, for refusals only: nothing in it may change."""
    if database_server.process is None:
        database_server.start()
    database_server.reset(password="simple")
    workspace = Workspace(ParishDatabases(server=database_server, user="exploitant", password="simple"))
    make_parish(database_server, contacts=5)
    make_files(workspace.files)
    made = workspace.make_backup()
    yield workspace, made, observe_state(workspace)
    workspace.remove()


ParishAndSet = tuple[Workspace, Path, State]


@pytest.mark.parametrize("what", HOSTILE)
def test_a_set_with_a_hostile_tree_touches_nothing(parish_and_set: ParishAndSet, what: str, tmp_path: Path) -> None:
    workspace, made, before = parish_and_set
    archive, member = HOSTILE[what]
    forged = forge_set(made, tmp_path / made.name, contents={"private.tar.gz": archive})
    outcome = restore(workspace, forged)
    assert outcome.error == "hostile_archive"
    assert outcome.result is not None
    assert member in outcome.result["error"]["params"]["member"]
    assert outcome.result["error"]["params"]["touched"] is False
    assert describe_site(workspace.files) == before.sites
    assert describe_site(workspace.private) == before.private


HOSTILE_SQL = {
    "shell": b"\\! touch /tmp/evil\n",
    "source": b"source /etc/passwd\n",
    "tee": b"tee /tmp/evil\n",
    "other database": b"USE mysql;\n",
    "qualified": b"DROP TABLE drupal.users;\n",
    "account": b"CREATE USER evil@'%';\n",
    "grant": b"GRANT ALL ON *.* TO exploitant@'%';\n",
    "load": b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE contact;\n",
    "global": b"SET GLOBAL general_log = 1;\n",
}


@pytest.mark.parametrize("what", HOSTILE_SQL)
def test_a_set_with_hostile_statements_touches_nothing(parish_and_set: ParishAndSet, what: str, tmp_path: Path) -> None:
    workspace, made, before = parish_and_set
    plain = read_plain(made, "civicrm.sql.gz")
    end = plain.rindex(b"/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE")
    contents = {"civicrm.sql.gz": plain[:end] + HOSTILE_SQL[what] + plain[end:]}
    outcome = restore(workspace, forge_set(made, tmp_path / made.name, contents=contents))
    assert outcome.error in ("hostile_sql", "dump_malformed", "counts_differ")
    assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is False
    assert observe_state(workspace) == before


# Text behind the last statement of a database's dump, or in the place of another (old, new): none of it may pass.
SMUGGLED = {
    "saved mode": b"INSERT INTO `contact` VALUES (@saved_sql_mode:='NO_BACKSLASH_ESCAPES');\n",
    "function": b"INSERT INTO `email` VALUES (SLEEP(1),1,'x');\n",
    "user variable": b"SET @x='NO_BACKSLASH_ESCAPES';\nSET sql_mode=@x;\n",
    "second statement": b"DELIMITER ;;\nCREATE PROCEDURE x() BEGIN SELECT 1; END; DROP DATABASE civilog;;\n"
    b"DELIMITER ;\n",
    "repeat": b"DELIMITER ;;\nCREATE PROCEDURE x() l: REPEAT SET @a=1; UNTIL 1 END REPEAT l; DROP DATABASE civilog;;\n"
    b"DELIMITER ;\n",
    "password": b"DELIMITER ;;\nCREATE PROCEDURE x() SELECT @begin; SET PASSWORD=PASSWORD('y');;\nDELIMITER ;\n",
    "directory": b"CREATE TABLE `x` (`i` int) ENGINE=MyISAM DATA DIRECTORY='/tmp';\n",
    "partition": b"CREATE TABLE `x` (`i` int) ENGINE=MyISAM PARTITION BY HASH (`i`)\n"
    b"(PARTITION `p` DATA DIRECTORY = '/tmp' ENGINE = MyISAM);\n",
    "version": b"CREATE TABLE `x` (`i` int) ENGINE=MyISAM /*M!100000 DATA DIRECTORY='/tmp' */;\n",
    "federated": b"CREATE TABLE `x` (`i` int) ENGINE=FEDERATED CONNECTION='mysql://a@b/c/d';\n",
    "alter": b"ALTER TABLE `contact` DATA DIRECTORY='/tmp';\n",
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_nothing_is_smuggled_past_the_judge(parish_and_set: ParishAndSet, what: str, tmp_path: Path) -> None:
    workspace, made, before = parish_and_set
    plain = read_plain(made, "civicrm.sql.gz")
    end = plain.rindex(b"/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE")
    forged = forge_set(
        made, tmp_path / made.name, contents={"civicrm.sql.gz": plain[:end] + SMUGGLED[what] + plain[end:]}
    )
    for outcome in (workspace.run("verify", SET_DIR=str(forged)), restore(workspace, forged)):
        assert outcome.error == "hostile_sql", outcome.stderr
    assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is False
    assert observe_state(workspace) == before


def test_what_a_manifest_says_is_checked_before_anything_is_dropped(
    parish_and_set: ParishAndSet, tmp_path: Path
) -> None:
    workspace, made, before = parish_and_set
    manifest = parse_manifest((made / NAME).read_bytes())
    civilog = manifest.databases["civilog"]
    others = {
        "engine": {
            "tables": {name: dataclasses.replace(item, engine="MyISAM") for name, item in civilog.tables.items()}
        },
        "character set": {"character_set": "latin1", "collation": "latin1_bin"},
        "rows": {"tables": {name: dataclasses.replace(item, rows=99) for name, item in civilog.tables.items()}},
        "name": {"tables": {f"{name}x": item for name, item in civilog.tables.items()}},
        "views": {"views": {"v": "0" * 64}},
    }
    for what, changes in others.items():
        databases = {**manifest.databases, "civilog": dataclasses.replace(civilog, **changes)}
        forged = forge_set(made, tmp_path / what, databases=databases)
        outcome = restore(workspace, forged)
        assert outcome.error == "counts_differ", what
        assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is False
        assert workspace.run("verify", SET_DIR=str(forged)).error == "counts_differ", what
    assert observe_state(workspace) == before


def test_a_set_that_is_not_ours_or_not_whole_touches_nothing(parish_and_set: ParishAndSet, tmp_path: Path) -> None:
    workspace, made, before = parish_and_set
    forged = {
        "other_tenant": forge_set(made, tmp_path / "tenant", tenant="sainte-marie"),
        "signature_invalid": forge_set(made, tmp_path / "key", key=b"x" * 32),
        "manifest_missing": forge_set(made, tmp_path / "missing"),
        "artifact_damaged": forge_set(made, tmp_path / "flipped"),
        "artifact_missing": forge_set(made, tmp_path / "absent"),
    }
    (forged["manifest_missing"] / NAME).unlink()
    (forged["artifact_missing"] / "sites.tar.gz").unlink()
    stored = forged["artifact_damaged"] / "civilog.sql.gz"
    data = bytearray(stored.read_bytes())
    data[len(data) // 2] ^= 1
    stored.write_bytes(data)
    unsigned = forge_set(made, tmp_path / "unsigned")
    text = (unsigned / NAME).read_text()
    start = text.index('"signature"')
    (unsigned / NAME).write_text(text[:start] + '"signature": null' + text[text.index("}", start) + 1 :])
    for code, path in [*forged.items(), ("signature_invalid", unsigned)]:
        outcome = restore(workspace, path)
        assert outcome.error == code, outcome.stderr
        assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is False
    assert observe_state(workspace) == before


def test_a_newer_server_s_set_is_refused(parish_and_set: ParishAndSet, tmp_path: Path) -> None:
    workspace, made, before = parish_and_set
    newer = Server("mariadb", "99.1.2-MariaDB", "x", 0)
    assert restore(workspace, forge_set(made, tmp_path / "newer", server=newer)).error == "older_server"
    other = Server("mysql", "5.7.1", "x", 0)
    assert restore(workspace, forge_set(made, tmp_path / "other", server=other)).error == "other_vendor"
    letters = Server("mariadb", "10.0", "x", 1)
    assert restore(workspace, forge_set(made, tmp_path / "letters", server=letters)).error == "letter_case"
    assert observe_state(workspace) == before


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
    plain = read_plain(made, "drupal.sql.gz").replace(b"CREATE TABLE `select` (", b"CREATE TABLE `select` (wrong,", 1)
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


def test_another_key_is_named(parish_and_set: ParishAndSet, tmp_path: Path) -> None:
    workspace, made, _ = parish_and_set
    key = tmp_path / "key"
    key.write_bytes(KEY[::-1] + b"z")
    assert restore(workspace, made, MANIFEST_KEY_FILE=str(key)).error == "signature_invalid"
