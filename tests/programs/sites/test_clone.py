"""programs.sites.clone: a copy has its own credentials and sends no mail, or nothing is touched."""

import os
import stat
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.sites.clone import rewrite_staged_settings
from programs.sites.evaluation import evaluate
from tests.programs.sites.test_settings import CIVICRM, DRUPAL, PASSWORD, SITE
from tests.programs.state import observe_state
from tests.programs.workspace import Workspace


def write_settings(root: Path, *, drupal: str = DRUPAL, civicrm: str = CIVICRM) -> None:
    (root / "default").mkdir(exist_ok=True)
    (root / "default/settings.php").write_text(drupal)
    (root / "default/civicrm.settings.php").write_text(civicrm)
    os.chmod(root / "default/settings.php", 0o440)


def test_staged_settings_are_rewritten_and_keep_their_modes(tmp_path: Path) -> None:
    write_settings(tmp_path)
    rewrite_staged_settings(tmp_path, SITE, hosts=set())
    assert "3399" in (tmp_path / "default/settings.php").read_text()
    assert "copie.example.org" in (tmp_path / "default/civicrm.settings.php").read_text()
    assert stat.S_IMODE(os.stat(tmp_path / "default/settings.php").st_mode) == 0o440


def test_a_settings_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    write_settings(tmp_path)
    (tmp_path / "default/settings.php").rename(tmp_path / "real.php")
    (tmp_path / "default/settings.php").symlink_to("../real.php")
    with pytest.raises(ProgramError) as caught:
        rewrite_staged_settings(tmp_path, SITE, hosts=set())
    assert caught.value.code == "settings_missing"
    assert (tmp_path / "real.php").read_text() == DRUPAL


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


def test_a_copy_never_goes_to_the_database_of_the_original(workspace: Workspace) -> None:
    local = DRUPAL + "if (file_exists($app_root . '/' . $site_path . '/settings.local.php')) {\n"
    local += "  include $app_root . '/' . $site_path . '/settings.local.php';\n}\n"
    write_settings(workspace.files, drupal=local)
    other = "<?php\n$databases['default']['default']['host'] = '192.0.2.1';\n"
    other += "$databases['default']['default']['port'] = '9';\n"
    (workspace.files / "default/settings.local.php").write_text(other)
    made = workspace.make_backup()
    assert clone(workspace, made)["ok"] is True
    assert workspace.databases is not None
    found = evaluate(workspace.files, "sites/default")
    assert found is not None
    connection = found["databases"]["default"]["default"]
    assert (connection["host"], connection["port"]) == ("127.0.0.1", str(workspace.databases.server.port))


def test_a_copy_whose_included_file_names_another_server_is_refused(workspace: Workspace) -> None:
    included = CIVICRM.replace("<?php\n", "<?php\ninclude __DIR__ . '/early.php';\n", 1)
    write_settings(workspace.files, civicrm=included)
    (workspace.files / "default/early.php").write_text(
        "<?php define('CIVICRM_DSN', 'mysql://exploitant:x@192.0.2.1:3306/civicrm');"
    )
    made = workspace.make_backup()
    before = observe_state(workspace)
    result = clone(workspace, made)
    assert result["error"]["code"] == "settings_unclear"  # type: ignore[index]
    assert "192.0.2.1" in result["error"]["message"]  # type: ignore[index]
    assert observe_state(workspace) == before


def test_events_of_a_copy_rest(workspace: Workspace) -> None:
    write_settings(workspace.files)
    made = workspace.make_backup()
    assert clone(workspace, made)["ok"] is True
    assert workspace.databases is not None
    found = workspace.databases.server.execute("SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS")
    assert found == [("purge_log", "DISABLED")]
