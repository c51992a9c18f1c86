"""programs.sites.evaluation: PHP itself says where a copy leads, and reaches nothing while it does."""

import dataclasses
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.sites.copy_block import NewSite
from programs.sites.evaluation import check_evaluated, evaluate, list_servers
from tests.programs.sites.test_clone import write_settings

DRUPAL = """<?php
$databases['default']['default'] = ['database' => 'drupal', 'username' => 'u', 'host' => 'h', 'port' => 4001];
$databases['default']['replica'][] = ['database' => 'drupal', 'username' => 'u', 'host' => 'h', 'port' => '4001'];
"""
CIVICRM = "<?php define('CIVICRM_DSN', 'mysql://u:p@h:4001/civicrm?new_link=true');"
SITE = NewSite("u", "p", "h", 4001, "", ())


def test_what_leads_to_its_own_server_passes(tmp_path: Path) -> None:
    write_settings(tmp_path, drupal=DRUPAL, civicrm=CIVICRM)
    assert check_evaluated(tmp_path, SITE) == []


@pytest.mark.parametrize("change", [{"db_host": "other"}, {"db_port": 4002}, {"user": "other"}])
def test_what_leads_elsewhere_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_settings(tmp_path, drupal=DRUPAL, civicrm=CIVICRM)
    with pytest.raises(ProgramError) as caught:
        check_evaluated(tmp_path, dataclasses.replace(SITE, **change))  # type: ignore[arg-type]
    assert caught.value.code == "settings_unclear"


def test_replicas_sockets_and_constants_count_and_other_files_do_not() -> None:
    databases = {
        "default": {"default": {"database": "d", "unix_socket": "/s", "host": "h", "username": "u"}},
        "lite": {"default": {"database": "/x", "driver": "sqlite"}},
    }
    found = list_servers({"databases": databases, "constants": {"CIVICRM_DSN": "mysql://a%40b:p@[::1]:33/c"}})
    assert found == [("CIVICRM_DSN", "::1", 33, "a@b"), ("$databases[default][default]", "a socket", None, "u")]


def test_what_was_said_before_a_fatal_error_counts(tmp_path: Path) -> None:
    write_settings(tmp_path, drupal=DRUPAL + "require '/nowhere.php';", civicrm=CIVICRM)
    found = evaluate(tmp_path, "sites/default")
    assert found is not None and found["complete"] is False
    assert found["databases"]["default"]["default"]["host"] == "h"


def test_settings_reach_nothing_while_they_are_evaluated(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    tree = tmp_path / "tree"
    tree.mkdir()
    hostile = f"<?php @file_put_contents('{outside}', 'x'); @exec('touch {outside}'); @fopen('{outside}', 'w');"
    write_settings(tree, drupal=hostile, civicrm=CIVICRM)
    evaluate(tree, "sites/default")
    assert not outside.exists()
