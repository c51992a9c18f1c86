"""programs.sites.addresses: a site that comes back finds the server where it is now."""

import dataclasses
from pathlib import Path

from programs.sites.addresses import refresh_staged_settings
from programs.sites.copy_block import NewSite
from tests.programs.sites.test_clone import write_settings

DRUPAL = """<?php
$databases['default']['default'] = ['database' => 'drupal', 'username' => 'exploitant', 'password' => 'old',
  'host' => '127.0.0.1', 'port' => '4001'];
$databases['other']['default'] = ['database' => 'x', 'username' => 'other', 'password' => 'kept',
  'host' => 'db.example.org'];
$settings['file_private_path'] = '/old/private';
$settings['trusted_host_patterns'] = ['^www\\.example\\.org$'];
"""
CIVICRM = """<?php
define('CIVICRM_DSN', 'mysql://exploitant:old@127.0.0.1:4001/civicrm?new_link=true');
define('CIVICRM_UF_DSN', 'mysql://other:kept@db.example.org/x');
define('CIVICRM_UF_BASEURL', 'https://www.example.org/');
"""
SITE = NewSite("exploitant", "n'w", "127.0.0.2", 4002, "", (("/old/private", "/new/private"),))


def refresh(
    root: Path, site: NewSite = SITE, *, drupal: str = DRUPAL, civicrm: str = CIVICRM
) -> tuple[str, str, list[str]]:
    write_settings(root, drupal=drupal, civicrm=civicrm)
    told = refresh_staged_settings(root, site)
    return (root / "default/settings.php").read_text(), (root / "default/civicrm.settings.php").read_text(), told


def test_address_password_and_paths_are_those_of_now(tmp_path: Path) -> None:
    drupal, civicrm, told = refresh(tmp_path)
    expected = DRUPAL.replace("'old'", r"'n\'w'").replace("127.0.0.1", "127.0.0.2").replace("4001", "4002")
    assert drupal == expected.replace("/old/private", "/new/private")
    assert civicrm == CIVICRM.replace(":old@127.0.0.1:4001", ":n%27w@127.0.0.2:4002")
    assert told == []


def test_what_is_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    drupal, civicrm, _ = refresh(tmp_path)
    assert refresh(tmp_path, drupal=drupal, civicrm=civicrm) == (drupal, civicrm, [])


def test_a_site_that_uses_a_socket_goes_on_using_it(tmp_path: Path) -> None:
    local, dsn = DRUPAL.replace("127.0.0.1", "localhost"), CIVICRM.replace("127.0.0.1:4001", "localhost")
    drupal, civicrm, told = refresh(tmp_path, drupal=local, civicrm=dsn)
    assert "'localhost'" in drupal and "4001" in drupal and civicrm == dsn and told == []


def test_a_server_that_is_reached_by_a_socket_says_nothing_of_addresses(tmp_path: Path) -> None:
    drupal, civicrm, _ = refresh(tmp_path, dataclasses.replace(SITE, has_address=False))
    assert "127.0.0.1" in drupal and "4001" in drupal and "n%27w@127.0.0.1:4001/" in civicrm


def test_a_file_that_cannot_be_read_is_left_and_told(tmp_path: Path) -> None:
    unclear = DRUPAL.replace("'old'", "getenv('PASSWORD')")
    drupal, _, told = refresh(tmp_path, drupal=unclear)
    assert drupal == unclear and len(told) == 1 and "settings.php" in told[0]
