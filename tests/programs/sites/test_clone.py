"""programs.sites.clone: a copy has its own credentials and sends no mail, or nothing is touched."""

import os
import stat
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.sites.clone import disable_mailings, rewrite_staged_settings
from tests.programs.sites.test_settings import CIVICRM, DRUPAL, PASSWORD, SITE
from tests.programs.state import make_client, observe_state
from tests.programs.workspace import Workspace

SERIALIZED = 'a:3:{s:15:"outBound_option";s:1:"0";s:12:"smtpPassword";s:5:"a;b\'c";s:8:"smtpPort";s:2:"25";}'


def write_settings(root: Path, *, drupal: str = DRUPAL, civicrm: str = CIVICRM) -> None:
    (root / "default").mkdir(exist_ok=True)
    (root / "default/settings.php").write_text(drupal)
    (root / "default/civicrm.settings.php").write_text(civicrm)
    os.chmod(root / "default/settings.php", 0o440)


def test_staged_settings_are_rewritten_and_keep_their_modes(tmp_path: Path) -> None:
    write_settings(tmp_path)
    rewrite_staged_settings(tmp_path, SITE)
    assert "3399" in (tmp_path / "default/settings.php").read_text()
    assert "copie.example.org" in (tmp_path / "default/civicrm.settings.php").read_text()
    assert stat.S_IMODE(os.stat(tmp_path / "default/settings.php").st_mode) == 0o440


def test_a_settings_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    write_settings(tmp_path)
    (tmp_path / "default/settings.php").rename(tmp_path / "real.php")
    (tmp_path / "default/settings.php").symlink_to("../real.php")
    with pytest.raises(ProgramError) as caught:
        rewrite_staged_settings(tmp_path, SITE)
    assert caught.value.code == "settings_missing"
    assert (tmp_path / "real.php").read_text() == DRUPAL


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (SERIALIZED, SERIALIZED.replace('s:15:"outBound_option";s:1:"0"', 's:15:"outBound_option";i:2')),
        ('a:1:{s:15:"outBound_option";i:0;}', 'a:1:{s:15:"outBound_option";i:2;}'),
        ("not serialized", 'a:1:{s:15:"outBound_option";i:2;}'),
        (None, 'a:1:{s:15:"outBound_option";i:2;}'),
    ],
)
def test_outgoing_mail_is_disabled_in_the_database(
    empty_workspace: Workspace, stored: str | None, expected: str
) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    literal = "NULL" if stored is None else f"0x{stored.encode().hex()}"
    server.execute(
        "CREATE TABLE civicrm_setting (id INT PRIMARY KEY, name VARCHAR(255), value TEXT)",
        f"INSERT INTO civicrm_setting VALUES (1, 'mailing_backend', {literal}), (2, 'other', 'kept')",
        database="civicrm",
    )
    disable_mailings(make_client(empty_workspace), "civicrm")
    rows = server.execute("SELECT value FROM civicrm.civicrm_setting ORDER BY id")
    assert rows == [(expected,), ("kept",)]


def test_a_database_without_civicrm_is_left_alone(empty_workspace: Workspace) -> None:
    before = observe_state(empty_workspace)
    disable_mailings(make_client(empty_workspace), "drupal")
    assert observe_state(empty_workspace) == before


def test_no_answer_is_not_taken_for_a_database_that_sends_no_mail(empty_workspace: Workspace) -> None:
    client = make_client(empty_workspace)
    client.query = lambda *_words: []  # type: ignore[method-assign]
    with pytest.raises(ProgramError) as caught:
        disable_mailings(client, "civicrm")
    assert caught.value.code == "answer_cut"


def clone(workspace: Workspace, made: Path) -> dict[str, object]:
    outcome = workspace.run(
        "restore",
        SET_DIR=str(made),
        EXPECTED_TENANT="saint-paul",
        INSTANCE="saint-paul-sandbox",
        CLONE="1",
        SITE_HOST="copie.example.org",
    )
    assert outcome.result is not None, outcome.stderr
    assert PASSWORD not in outcome.stdout + outcome.stderr
    return outcome.result


def test_a_set_becomes_a_copy(workspace: Workspace) -> None:
    write_settings(workspace.files)
    made = workspace.make_backup()
    assert clone(workspace, made)["ok"] is True
    assert workspace.databases is not None
    text = (workspace.files / "default/settings.php").read_text()
    assert f"'port' => '{workspace.databases.server.port}'" in text
    assert r"^copie\\.example\\.org$" in text
    assert "https://copie.example.org/" in (workspace.files / "default/civicrm.settings.php").read_text()


def test_settings_that_are_unclear_stop_a_copy_before_anything_is_touched(workspace: Workspace) -> None:
    write_settings(workspace.files, civicrm="<?php define('CIVICRM_DSN', getenv('DSN'));")
    made = workspace.make_backup()
    before = observe_state(workspace)
    result = clone(workspace, made)
    assert result["error"]["code"] == "settings_unclear"  # type: ignore[index]
    assert result["error"]["params"]["touched"] is False  # type: ignore[index]
    assert observe_state(workspace) == before
