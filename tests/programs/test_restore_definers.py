"""programs.restore: whoever a set names as definer, and however, what it makes belongs to the instance's account."""

import dataclasses
import itertools
import re
from pathlib import Path

from programs.sets.manifest import NAME, parse_manifest
from tests.programs.forgery import forge_set, read_plain
from tests.programs.test_restore_fidelity import prepare
from tests.programs.workspace import Workspace

# How the text names the account, and who that is for the manifest.
SPELLINGS = {
    "`root`@`%`": "root@%",
    "'root'@'localhost'": "root@localhost",
    '"root"@"%"': "root@%",
    "root@localhost": "root@localhost",
    "ROOT@'%'": "ROOT@%",
    "root@127.0.0.1": "root@127.0.0.1",
    "root": "root",
    "`a_role`": "a_role",
    "`exploitant@%`": "exploitant@%",
    "`CURRENT_USER_2`@`%`": "CURRENT_USER_2@%",
    "`mariadb.sys`@`localhost`": "mariadb.sys@localhost",
    "CURRENT_USER": "CURRENT_USER",
    "current_user()": "CURRENT_USER",
    "CURRENT_ROLE": "CURRENT_ROLE",
}
KINDS = [
    "CREATE VIEW v{n} AS SELECT a FROM t",
    "CREATE TRIGGER t{n} BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.a + 1",
    "CREATE EVENT e{n} ON SCHEDULE EVERY 1 DAY DO DELETE FROM t WHERE a < 0",
    "CREATE FUNCTION f{n}() RETURNS INT RETURN 1",
    "CREATE PROCEDURE p{n}() SELECT 1",
]
PACKAGE = "CREATE PACKAGE k{n} AS FUNCTION g() RETURN INT; END"
BODY = "CREATE PACKAGE BODY k{n} AS FUNCTION g() RETURN INT AS BEGIN RETURN 1; END; END"
WRITTEN = re.compile(rb"""(?<=DEFINER=)(?:`exploitant`@`%`|"exploitant"@"%")""")  # the second: in Oracle mode


def make_set(workspace: Workspace) -> Path:
    """A set with an object of every kind for every spelling."""
    numbers = range(len(SPELLINGS))
    made = [text.format(n=n) for text in KINDS for n in numbers]
    packages = [text.format(n=n) for text in (PACKAGE, BODY) for n in numbers]
    prepare(workspace, "CREATE TABLE t (a INT)", *made, "SET sql_mode=ORACLE", *packages)
    return workspace.make_backup(SCOPE="database")


def test_no_definer_of_a_set_defines_anything(empty_workspace: Workspace, tmp_path: Path) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    made = make_set(empty_workspace)
    spellings = itertools.cycle(SPELLINGS)
    text, changed = WRITTEN.subn(lambda _: next(spellings).encode(), read_plain(made, "civicrm.sql.gz"))
    assert changed == (len(KINDS) + 2) * len(SPELLINGS)
    manifest = parse_manifest((made / NAME).read_bytes())
    named = dataclasses.replace(manifest.databases["civicrm"], definers=sorted({*SPELLINGS.values()}))
    contents, said = {"civicrm.sql.gz": text}, {"databases": {**manifest.databases, "civicrm": named}}

    honest = forge_set(made, tmp_path / "honest" / made.name, contents=contents, **said)
    assert empty_workspace.run("verify", SET_DIR=str(honest)).code == 0
    outcome = empty_workspace.run("restore", SET_DIR=str(honest), EXPECTED_TENANT="saint-paul", SCOPE="database")
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    for table, column in (("VIEWS", "TABLE"), ("TRIGGERS", "TRIGGER"), ("EVENTS", "EVENT"), ("ROUTINES", "ROUTINE")):
        where = f"FROM information_schema.{table} WHERE {column}_SCHEMA = 'civicrm'"
        rows = databases.server.execute(f"SELECT DEFINER, COUNT(*) {where} GROUP BY DEFINER")
        kinds = 4 if table == "ROUTINES" else 1
        assert rows == [("exploitant@%", kinds * len(SPELLINGS))], table

    hidden = forge_set(made, tmp_path / "hidden" / made.name, contents=contents)
    for outcome in (
        empty_workspace.run("verify", SET_DIR=str(hidden)),
        empty_workspace.run("restore", SET_DIR=str(hidden), EXPECTED_TENANT="saint-paul", SCOPE="database"),
    ):
        assert outcome.error == "counts_differ" and outcome.result is not None
        assert outcome.result["error"]["params"]["what"] == "definers"
