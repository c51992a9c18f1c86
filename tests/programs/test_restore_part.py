"""programs.restore_part: one table or one file comes back, everything else stays, and what it breaks is said before."""

import os
import shutil
from pathlib import Path

import pytest

from tests.programs.state import State, observe_state
from tests.programs.trees import describe, describe_tree
from tests.programs.workspace import Outcome, Workspace

TABLE = {"SCOPE": "database", "DATABASE": "civicrm"}
FILES = {"SCOPE": "files", "RESTORE_TREE": "sites"}


def restore(workspace: Workspace, made: Path, **changes: str) -> Outcome:
    return workspace.run("restore", **{"SET_DIR": str(made), "EXPECTED_TENANT": "saint-paul", **changes})


def check_restored(outcome: Outcome) -> None:
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)


def check_untouched(outcome: Outcome, workspace: Workspace, before: State, code: str) -> None:
    assert outcome.error == code, outcome.stderr
    assert outcome.result is not None and outcome.result["error"]["params"]["touched"] is False
    assert observe_state(workspace) == before
    assert workspace.list_leftovers() == []


def execute(workspace: Workspace, *statements: str) -> list[tuple[object, ...]]:
    assert workspace.databases is not None
    return workspace.databases.server.execute(*statements)


def test_one_table_comes_back_with_its_triggers_and_nothing_else_changes(workspace: Workspace) -> None:
    before = observe_state(workspace)
    made = workspace.make_backup()
    execute(
        workspace,
        "DROP TRIGGER civicrm.after_contact",
        "UPDATE civicrm.contact SET name = 'lost' WHERE id > 50",
        "INSERT INTO civicrm.civicrm_domain VALUES (2, 'kept')",
        "INSERT INTO civilog.log_contact (id, name) VALUES (1, 'kept')",
    )
    check_restored(restore(workspace, made, **TABLE, RESTORE_TABLE="contact"))
    after = observe_state(workspace)
    changed = {name for name in before.checksums if before.checksums[name] != after.checksums[name]}
    assert changed == {"civicrm.civicrm_domain", "civilog.log_contact"}
    assert after.inventory == before.inventory and (after.sites, after.private) == (before.sites, before.private)
    execute(workspace, "INSERT INTO civicrm.contact (name) VALUES ('new')")
    assert execute(workspace, "SELECT COUNT(*) FROM civilog.log_contact WHERE name = 'new'") == [(1,)]


def test_a_table_that_was_dropped_comes_back(workspace: Workspace) -> None:
    before = observe_state(workspace)
    made = workspace.make_backup()
    execute(workspace, "DROP TABLE civicrm.email", "DROP TABLE drupal.`back``quote`")
    check_restored(restore(workspace, made, **TABLE, RESTORE_TABLE="email"))
    check_restored(restore(workspace, made, SCOPE="database", DATABASE="drupal", RESTORE_TABLE="back`quote"))
    assert observe_state(workspace) == before


def test_rows_that_would_name_nothing_are_counted_before(workspace: Workspace) -> None:
    made = workspace.make_backup()
    execute(
        workspace,
        "INSERT INTO civicrm.contact (id, name) VALUES (9001, 'newer'), (9002, 'newer')",
        "INSERT INTO civicrm.email VALUES (9001, 9001, 'a'), (9002, 9002, 'b')",
    )
    before = observe_state(workspace)
    refused = restore(workspace, made, **TABLE, RESTORE_TABLE="contact")
    check_untouched(refused, workspace, before, "part_breaks")
    assert refused.result is not None and "2 rows of civicrm.email" in str(refused.result["error"]["message"])
    accepted = restore(workspace, made, **TABLE, RESTORE_TABLE="contact", ACCEPT_BROKEN="1")
    check_restored(accepted)
    assert accepted.result is not None and any(
        "2 rows of civicrm.email" in text for text in accepted.result["warnings"]
    )
    assert execute(workspace, "SELECT COUNT(*) FROM civicrm.contact WHERE id > 9000") == [(0,)]
    assert execute(workspace, "SELECT COUNT(*) FROM civicrm.email WHERE id > 9000") == [(2,)]


def test_its_own_rows_that_would_name_nothing_are_counted_too(workspace: Workspace) -> None:
    made = workspace.make_backup()
    execute(workspace, "DELETE FROM civicrm.contact WHERE id = 1")
    before = observe_state(workspace)
    check_untouched(restore(workspace, made, **TABLE, RESTORE_TABLE="email"), workspace, before, "part_breaks")


def test_columns_that_changed_since_are_told_before(workspace: Workspace) -> None:
    made = workspace.make_backup()
    execute(workspace, "ALTER TABLE civicrm.email ADD COLUMN newer INT")
    before = observe_state(workspace)
    refused = restore(workspace, made, **TABLE, RESTORE_TABLE="email")
    check_untouched(refused, workspace, before, "part_breaks")
    assert refused.result is not None and "newer" in str(refused.result["error"]["message"])


def test_a_table_is_put_beside_and_the_live_one_stays(workspace: Workspace) -> None:
    made = workspace.make_backup()
    columns = "id, name, photo, extra, flags, amount, moment, kind, size, half"
    expected = execute(workspace, f"SELECT {columns} FROM civicrm.contact ORDER BY id")
    execute(workspace, "DELETE FROM civicrm.contact WHERE id > 10")
    before = observe_state(workspace)
    check_restored(restore(workspace, made, **TABLE, RESTORE_TABLE="contact", RESTORE_AS="contact_before"))
    assert execute(workspace, f"SELECT {columns} FROM civicrm.contact_before ORDER BY id") == expected
    refused = restore(workspace, made, **TABLE, RESTORE_TABLE="contact", RESTORE_AS="Contact_Before")
    assert refused.error == "table_exists"
    execute(workspace, "DROP TABLE civicrm.contact_before")
    assert observe_state(workspace) == before


@pytest.mark.parametrize("path", ["default/files/photo.jpg", "default/files/civicrm", "default"])
def test_one_entry_comes_back_with_all_below_it(workspace: Workspace, path: str) -> None:
    os.chmod(workspace.files / "default", 0o555)
    made = workspace.make_backup()
    expected = describe(os.fsencode(workspace.files / path))
    below = describe_tree(workspace.files / path) if (workspace.files / path).is_dir() else {}
    (workspace.files / "sparse").unlink()
    others = describe_tree(workspace.files)
    os.chmod(workspace.files / "default", 0o755)
    target = workspace.files / path
    shutil.rmtree(target) if target.is_dir() else target.write_text("changed")
    if not target.exists() and path != "default":
        target.mkdir()
        (target / "added").touch()
    check_restored(restore(workspace, made, **FILES, RESTORE_PATH=path))
    assert describe(os.fsencode(target)) == expected
    assert (describe_tree(target) if target.is_dir() else {}) == below
    os.chmod(workspace.files / "default", 0o555)
    assert not (workspace.files / "sparse").exists()
    own = b".restore-20261121T080000Z-5f3a9c"  # the leftover of another restore, which goes with the first that comes
    assert set(describe_tree(workspace.files)) == {name for name in others if not name.startswith(own)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({**TABLE, "RESTORE_TABLE": "nothing"}, "part_missing"),
        ({**FILES, "RESTORE_PATH": "default/nothing"}, "entry_missing"),
        ({**FILES, "RESTORE_PATH": "../private/document.txt"}, "path_refused"),
        ({**FILES, "RESTORE_PATH": "default/../.."}, "path_refused"),
        ({**FILES, "RESTORE_PATH": "default", "RESTORE_TREE": "other"}, "environment_invalid"),
        ({"SCOPE": "full", "RESTORE_TABLE": "contact"}, "environment_invalid"),
        ({**TABLE, "RESTORE_TABLE": "contact", "RESTORE_PATH": "default"}, "environment_invalid"),
        ({**TABLE, "RESTORE_TABLE": "contact", "RESTORE_AS": "a`b"}, "environment_invalid"),
        ({**TABLE, "RESTORE_TABLE": "contact", "ACCEPT_BROKEN": "yes"}, "environment_invalid"),
    ],
)
def test_what_is_not_there_or_not_right_is_named_and_nothing_is_touched(
    workspace: Workspace, changes: dict[str, str], code: str
) -> None:
    made = workspace.make_backup()
    before = observe_state(workspace)
    outcome = restore(workspace, made, **changes)
    assert outcome.error == code, outcome.stderr
    assert observe_state(workspace) == before


def test_an_entry_whose_directory_is_gone_is_refused(files_workspace: Workspace) -> None:
    made = files_workspace.make_backup()
    shutil.rmtree(files_workspace.files / "default/files")
    outcome = restore(files_workspace, made, **FILES, RESTORE_PATH="default/files/photo.jpg")
    assert outcome.error == "parent_missing"
    (files_workspace.files / "default/files").symlink_to("/tmp")
    assert restore(files_workspace, made, **FILES, RESTORE_PATH="default/files/photo.jpg").error == "parent_missing"
