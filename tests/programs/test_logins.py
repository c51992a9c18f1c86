"""The last login comes from Drupal's own accounts; what cannot be known is not told, and no backup fails for it."""

import json
import time
from datetime import UTC, datetime

import pytest

from programs.logins import make_logins
from tests.programs.workspace import Workspace

NOW = int(time.time())
# The columns that Drupal 9 has there, less those that say nothing here.
ACCOUNTS = """CREATE TABLE users_field_data (uid INT UNSIGNED NOT NULL, langcode VARCHAR(12) NOT NULL,
  created INT NOT NULL, changed INT, access INT NOT NULL, login INT, PRIMARY KEY (uid, langcode))"""
ANONYMOUS = "INSERT INTO users_field_data VALUES (0, 'fr', 1700000000, NULL, 0, NULL)"


def format_utc(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"


def back_up(workspace: Workspace, *statements: str, **changes: str) -> object:
    """Run statements in Drupal's database, make a backup; return what its result says of logins, "absent" if it does
    not."""
    assert workspace.databases is not None
    if statements:
        workspace.databases.server.execute(*statements, database="drupal")
    outcome = workspace.run("backup", BACKUP_ID="20261121T080000Z-5f3a9c", **changes)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    manifest = (workspace.backups / "20261121T080000Z-5f3a9c" / "manifest.json").read_text()
    assert "logins" not in json.loads(manifest)
    return outcome.result.get("logins", "absent")


def test_the_latest_of_logins_and_accesses_is_told(empty_workspace: Workspace) -> None:
    rows = (
        f"INSERT INTO users_field_data VALUES (1, 'fr', 0, 0, {NOW - 50}, {NOW - 90}), (2, 'fr', 0, 0, 7, {NOW - 60})"
    )
    assert back_up(empty_workspace, ACCOUNTS, ANONYMOUS, rows) == {"last_at": format_utc(NOW - 50)}


def test_a_login_alone_counts(empty_workspace: Workspace) -> None:
    rows = f"INSERT INTO users_field_data VALUES (1, 'fr', 0, 0, 0, {NOW - 90}), (2, 'fr', 0, 0, 0, NULL)"
    assert back_up(empty_workspace, ACCOUNTS, ANONYMOUS, rows) == {"last_at": format_utc(NOW - 90)}


def test_nobody_ever_logged_in(empty_workspace: Workspace) -> None:
    rows = "INSERT INTO users_field_data VALUES (1, 'fr', 1700000000, 1700000000, 0, 0)"
    assert back_up(empty_workspace, ACCOUNTS, ANONYMOUS, rows) == {"last_at": None}


@pytest.mark.parametrize(
    "statements",
    [
        (),
        (ACCOUNTS,),
        (ACCOUNTS, ANONYMOUS, "ALTER TABLE users_field_data DROP COLUMN access"),
        (ACCOUNTS, ANONYMOUS, "UPDATE users_field_data SET login = 2147483647"),
        (ACCOUNTS, ANONYMOUS, "UPDATE users_field_data SET access = -5"),
        (ACCOUNTS.replace("login INT", "login TEXT"), ANONYMOUS, "UPDATE users_field_data SET login = 'hier'"),
        ("CREATE TABLE t (access INT, login INT)", "CREATE VIEW users_field_data AS SELECT * FROM t", "DROP TABLE t"),
    ],
    ids=["no table", "no account", "no column", "in 2038", "before 1970", "text", "a damaged view"],
)
def test_what_cannot_be_known_is_not_told(empty_workspace: Workspace, statements: tuple[str, ...]) -> None:
    assert back_up(empty_workspace, *statements, DAMAGED_VIEWS="skip") == "absent"


def test_files_alone_do_not_say(empty_workspace: Workspace) -> None:
    rows = f"INSERT INTO users_field_data VALUES (1, 'fr', 0, 0, 0, {NOW - 90})"
    assert back_up(empty_workspace, ACCOUNTS, rows, SCOPE="files") == "absent"


@pytest.mark.parametrize("values", [[], ["x"], ["1.5"], ["-1"], [str(NOW + 86_401)], ["9" * 5000], ["1" * 30]])
def test_values_that_nobody_believes(values: list[str]) -> None:
    assert make_logins(values, now=NOW) is None


def test_a_clock_a_little_ahead_is_believed() -> None:
    assert make_logins([str(NOW + 60), "0"], now=NOW) == {"last_at": format_utc(NOW + 60)}
