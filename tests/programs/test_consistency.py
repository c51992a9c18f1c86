"""programs.consistency: a copy is judged whole, the first fault is named, and nothing is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from programs.run.environment import ServerAccess
from tests.programs.sites.test_clone import write_settings
from tests.programs.workspace import Outcome, Workspace

CIVICRM = (
    "CREATE TABLE civicrm.civicrm_domain (id INT PRIMARY KEY, version VARCHAR(32))",
    "INSERT INTO civicrm.civicrm_domain VALUES (1, '6.1.0')",
    "CREATE TABLE civicrm.civicrm_setting (id INT PRIMARY KEY, name TEXT, value TEXT)",
    "INSERT INTO civicrm.civicrm_setting VALUES (1, 'a', 'b')",
    "CREATE TABLE civicrm.civicrm_contact (id INT, kind INT, PRIMARY KEY (id, kind))",
    "INSERT INTO civicrm.civicrm_contact VALUES (1, 1), (2, 1)",
    "CREATE TABLE civicrm.civicrm_email (id INT PRIMARY KEY, contact INT, kind INT,"
    " CONSTRAINT fk_contact FOREIGN KEY (contact, kind) REFERENCES civicrm_contact (id, kind))",
    # A key with a NULL in it names nobody.
    "INSERT INTO civicrm.civicrm_email VALUES (1, 1, 1), (2, NULL, 1), (3, 9, NULL)",
    "CREATE TABLE drupal.users_field_data (uid INT PRIMARY KEY, pass VARCHAR(99), status INT)",
    "INSERT INTO drupal.users_field_data VALUES (0, NULL, 0), (1, 'hash', 1)",
    "CREATE TABLE drupal.config (name VARCHAR(99) PRIMARY KEY, data LONGBLOB)",
    "INSERT INTO drupal.config VALUES ('a', 'b')",
    "CREATE TABLE civilog.log_civicrm_contact (id INT)",
)


def fill(workspace: Workspace) -> None:
    """Make a parish whose settings lead to its own server."""
    assert workspace.databases is not None
    databases = workspace.databases
    databases.server.execute(*CIVICRM)
    (workspace.files / "default").mkdir(exist_ok=True)
    account = f"{databases.user}:{databases.password}@{databases.server.host}:{databases.server.port}"
    constants = {
        "CIVICRM_UF_DSN": f"mysql://{account}/drupal?new_link=true",
        "CIVICRM_DSN": f"mysql://{account}/civicrm?new_link=true",
        "CIVICRM_SITE_KEY": "k",
    }
    defines = "".join(f"define('{name}', '{value}');\n" for name, value in constants.items())
    drupal = f"<?php\n$databases['default']['default'] = ['database' => 'drupal', 'username' => '{databases.user}'];\n"
    write_settings(workspace.files, drupal=drupal, civicrm=f"<?php\n{defines}")


def judge(workspace: Workspace, made: Path) -> Outcome:
    environment = {"SET_DIR": str(made), "EXPECTED_TENANT": "saint-paul", "CLONE": "1", "SITE_HOST": "www.copy.org"}
    return workspace.run("consistency", **environment)


@pytest.fixture
def made(empty_workspace: Workspace) -> tuple[Workspace, Path]:
    fill(empty_workspace)
    return empty_workspace, empty_workspace.make_backup()


def test_a_copy_that_is_as_it_should_be_is_told_with_its_figures(made: tuple[Workspace, Path]) -> None:
    workspace, path = made
    outcome = judge(workspace, path)
    assert outcome.result is not None and outcome.result["ok"], outcome.result
    found = {name: outcome.result[name] for name in ("tables", "rows", "foreign_keys", "accounts")}
    assert found == {"tables": 7, "rows": 10, "foreign_keys": 1, "accounts": 1}


def change_settings(workspace: Workspace) -> None:
    path = workspace.files / "default" / "civicrm.settings.php"
    path.write_text(path.read_text().replace("/drupal?", "/civilog?"))


def run_sql(*statements: str) -> Callable[[Workspace], None]:
    def run(workspace: Workspace) -> None:
        assert workspace.databases is not None
        workspace.databases.server.execute(*statements)

    return run


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (run_sql("DELETE FROM civicrm.civicrm_setting"), "restore_differs"),
        (run_sql("INSERT INTO civicrm.civicrm_contact VALUES (3, 3)"), "restore_differs"),
        (run_sql("DROP TABLE drupal.config"), "restore_differs"),
        (change_settings, "settings_disagree"),
        (run_sql("UPDATE drupal.users_field_data SET status = 0"), "nobody_may_log_in"),
        (
            run_sql("SET foreign_key_checks = 0", "UPDATE civicrm.civicrm_email SET contact = 7 WHERE id = 1"),
            "foreign_key_broken",
        ),
    ],
)
def test_each_fault_has_its_name(made: tuple[Workspace, Path], damage: Callable[[Workspace], None], code: str) -> None:
    workspace, path = made
    damage(workspace)
    assert judge(workspace, path).error == code


def test_the_log_may_have_grown(made: tuple[Workspace, Path]) -> None:
    workspace, path = made
    run_sql("INSERT INTO civilog.log_civicrm_contact VALUES (1)")(workspace)
    outcome = judge(workspace, path)
    assert outcome.result is not None and outcome.result["rows"] == 11


def test_a_parish_without_its_key_tables_is_no_parish(empty_workspace: Workspace) -> None:
    fill(empty_workspace)
    run_sql("DELETE FROM civicrm.civicrm_domain")(empty_workspace)
    assert judge(empty_workspace, empty_workspace.make_backup()).error == "key_table_missing"


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(ServerAccess("h", 1, "u", "secret", ()))
