"""programs.restore: a set that is hostile, forged or of elsewhere is refused before anything is touched."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from programs.sets.manifest import NAME, Server, parse_manifest
from tests.conftest import ParishDatabases
from tests.programs.archives import HOSTILE
from tests.programs.forgery import forge_set, read_plain
from tests.programs.parish import make_files, make_parish
from tests.programs.state import State, describe_site, observe_state
from tests.programs.workspace import KEY, Outcome, Workspace
from tests.servers import MariaDbServer


def restore(workspace: Workspace, made: Path, **changes: str) -> Outcome:
    return workspace.run("restore", **{"SET_DIR": str(made), "EXPECTED_TENANT": "saint-paul", **changes})


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


def test_another_key_is_named(parish_and_set: ParishAndSet, tmp_path: Path) -> None:
    workspace, made, _ = parish_and_set
    key = tmp_path / "key"
    key.write_bytes(KEY[::-1] + b"z")
    assert restore(workspace, made, MANIFEST_KEY_FILE=str(key)).error == "signature_invalid"
