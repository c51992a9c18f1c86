"""programs.sites.settings: a copy says what it must, and PHP agrees."""

import json
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from programs.run.failures import ProgramError
from programs.sites.copy_block import NewSite
from programs.sites.settings import make_civicrm_settings, make_drupal_settings

PASSWORD = "p'a\\s\"s$w/o:r@d#?%é"
SITE = NewSite(
    user="exploitant",
    password=PASSWORD,
    db_host="127.0.0.1",
    db_port=3399,
    site_host="copie.example.org:8443",
    paths=(("/app/web/sites", "/copy/sites"), ("/app/private", "/copy/private")),
)

DRUPAL = r"""<?php

// phpcs:ignoreFile
/**
 * @code
 * $databases['default']['default'] = [
 *   'password' => 'sqlpassword',
 * ];
 * @endcode
 */
# $databases['default']['default'] = ['password' => 'commented'];
$databases = [];
$settings['hash_salt'] = 'a\'b';
$settings['update_free_access'] = FALSE;
$settings['container_yamls'][] = $app_root . '/' . $site_path . '/services.yml';
$settings['file_scan_ignore_directories'] = [
  'node_modules',
  'bower_components',
];
$databases['default']['default'] = array (
  'database' => 'drupal',
  'username' => 'exploitant',
  'password' => 'old\'secret',
  'prefix' => '',
  'host' => "localhost",
  'driver' => 'mysql',
  'unix_socket' => '/var/run/mysqld/mysqld.sock',
  'init_commands' => ['isolation_level' => 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'],
);
$settings['file_private_path'] = '/app/private';
$settings['config_sync_directory'] = "/app/web/sites/default/files/config";
$settings['trusted_host_patterns'] = ['^www\.saint-paul\.example\.org$', '^localhost$'];
$settings['trusted_host_patterns'][] = '^other\.example\.org$';
"""

CIVICRM = r"""<?php
global $civicrm_root, $civicrm_setting, $civicrm_paths;
if (!defined('CIVICRM_UF')) {
  if (getenv('CIVICRM_UF')) {
    define('CIVICRM_UF', getenv('CIVICRM_UF'));
  }
  else {
    define('CIVICRM_UF', 'Drupal8');
  }
}
if (!defined('CIVICRM_UF_DSN') && CIVICRM_UF !== 'UnitTests') {
  define( 'CIVICRM_UF_DSN'           , 'mysql://exploitant:ol%40d@localhost:3306/drupal?new_link=true');
}
/*
 * define('CIVICRM_DSN', 'mysql://commented:out@localhost/civicrm');
 */
if (!defined('CIVICRM_DSN')) {
  if (CIVICRM_UF === 'UnitTests' && isset($GLOBALS['_CV']['TEST_DB_DSN'])) {
    define('CIVICRM_DSN', $GLOBALS['_CV']['TEST_DB_DSN']);
  }
  else {
    define("CIVICRM_DSN", "mysql://exploitant:old@localhost/civicrm?new_link=true");
  }
}
if (!defined('CIVICRM_LOGGING_DSN')) {
  define('CIVICRM_LOGGING_DSN', CIVICRM_DSN);
}
$civicrm_root = '/app/vendor/civicrm/civicrm-core';
if (!defined('CIVICRM_TEMPLATE_COMPILEDIR')) {
  define( 'CIVICRM_TEMPLATE_COMPILEDIR', '/app/private/civicrm/templates_c');
}
if (!defined('CIVICRM_UF_BASEURL')) {
  define( 'CIVICRM_UF_BASEURL'      , 'https://www.saint-paul.example.org/');
}
$civicrm_setting['URL Preferences']['userFrameworkResourceURL'] = 'https://www.saint-paul.example.org/civicrm';
// $civicrm_setting['x'] = 'https://www.saint-paul.example.org/commented';
if (CIVICRM_UF === 'UnitTests') {
  if (!defined('CIVICRM_MAIL_LOG')) define('CIVICRM_MAIL_LOG', '/tmp/unit.log');
}
define('CIVICRM_MAIL_LOG_AND_SEND', 1);
define('CIVICRM_SITE_KEY', 'kept');
if (!defined('CIVICRM_DB_CACHE_CLASS')) {
  define('CIVICRM_DB_CACHE_CLASS', 'ArrayCache');
}
"""


def ask_php(tmp_path: Path, source: str, expression: str) -> dict[str, object]:
    """Include a settings file as Drupal does, and return what it says."""
    path = tmp_path / "settings.php"
    path.write_text(source)
    code = f"$app_root='r'; $site_path='s'; error_reporting(E_ALL); include '{path}'; echo json_encode({expression});"
    command = ["php", "-n", "-d", "display_errors=stderr", "-r", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=180)
    assert done.stderr == ""
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_drupal_connects_to_the_database_of_the_copy(tmp_path: Path) -> None:
    changed = make_drupal_settings(DRUPAL, SITE)
    found = ask_php(tmp_path, changed, "[$databases, $settings, $config]")
    databases, settings, config = found  # type: ignore[misc]
    connection = databases["default"]["default"]
    assert (connection["username"], connection["password"]) == ("exploitant", PASSWORD)
    assert (connection["host"], connection["port"], connection["database"]) == ("127.0.0.1", "3399", "drupal")
    assert "unix_socket" not in connection
    assert connection["init_commands"]["isolation_level"].startswith("SET SESSION")
    assert settings["file_private_path"] == "/copy/private"
    assert settings["config_sync_directory"] == "/copy/sites/default/files/config"
    assert settings["hash_salt"] == "a'b"
    pattern = r"^copie\.example\.org$"
    assert settings["trusted_host_patterns"] == [pattern, "^localhost$", pattern]
    assert config["system.mail"]["interface"]["default"] == "test_mail_collector"


def test_civicrm_connects_to_the_databases_of_the_copy_and_sends_no_mail(tmp_path: Path) -> None:
    changed = make_civicrm_settings(CIVICRM, SITE)
    names = ["DSN", "UF_DSN", "LOGGING_DSN", "UF_BASEURL", "TEMPLATE_COMPILEDIR", "MAIL_LOG", "SITE_KEY"]
    constants = ",".join(f"CIVICRM_{name}" for name in names)
    rest = "defined('CIVICRM_MAIL_LOG_AND_SEND'), $civicrm_setting, $civicrm_root"
    dsn, uf_dsn, log_dsn, url, compiled, log, key, sends, setting, root = ask_php(
        tmp_path, changed, f"[{constants},{rest}]"
    )
    for value, database in ((dsn, "civicrm"), (uf_dsn, "drupal"), (log_dsn, "civicrm")):
        parts = urlsplit(str(value))
        assert (parts.username, unquote(parts.password or "")) == ("exploitant", PASSWORD)
        assert (parts.hostname, parts.port) == ("127.0.0.1", 3399)
        assert (parts.path, parts.query) == (f"/{database}", "new_link=true")
    assert url == "https://copie.example.org:8443/"
    assert setting["URL Preferences"]["userFrameworkResourceURL"] == "https://copie.example.org:8443/civicrm"  # type: ignore[call-overload,index]
    assert compiled == "/copy/private/civicrm/templates_c"
    assert (log, sends, key) == ("/dev/null", False, "kept")
    assert root == "/app/vendor/civicrm/civicrm-core"


def test_comments_stay_as_they_are() -> None:
    changed = make_drupal_settings(DRUPAL, SITE)
    assert " *   'password' => 'sqlpassword',\n" in changed
    assert "# $databases['default']['default'] = ['password' => 'commented'];\n" in changed
    changed = make_civicrm_settings(CIVICRM, SITE)
    assert " * define('CIVICRM_DSN', 'mysql://commented:out@localhost/civicrm');\n" in changed
    assert "// $civicrm_setting['x'] = 'https://www.saint-paul.example.org/commented';\n" in changed


def test_no_secret_of_the_origin_is_left() -> None:
    assert "old" not in make_drupal_settings(DRUPAL, SITE)
    assert "old@" not in make_civicrm_settings(CIVICRM, SITE)


def test_a_copy_of_a_copy_is_the_same_text() -> None:
    drupal, civicrm = make_drupal_settings(DRUPAL, SITE), make_civicrm_settings(CIVICRM, SITE)
    assert make_drupal_settings(drupal, SITE) == drupal
    assert make_civicrm_settings(civicrm, SITE) == civicrm


ELEMENTS = "<?php $databases['default']['default']['%s'] = 'x'; $databases['default']['default']['password'] = %s;"


@pytest.mark.parametrize(
    "source",
    [
        "<?php\n",
        "not php",
        "<?php include 'other.php';",
        "<?php $databases['default']['default'] = ['password' => getenv('X'), 'database' => 'd'];",
        "<?php $databases['default']['default'] = ['password' => 'a' . 'b', 'database' => 'd'];",
        "<?php $databases['default']['default'] = ['password' => \"$x\", 'database' => 'd'];",
        ELEMENTS % ("database", "'x'"),
        DRUPAL + '$settings["x"] = "/app/private/$y";',
        DRUPAL + "?> <p>text</p>",
    ],
)
def test_drupal_settings_that_are_unclear_are_refused(source: str) -> None:
    with pytest.raises(ProgramError) as caught:
        make_drupal_settings(source, SITE)
    assert caught.value.code == "settings_unclear"
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "<?php\n",
        "<?php define('CIVICRM_DSN', getenv('DSN'));",
        "<?php define('CIVICRM_DSN', 'mysql://a:b@h/' . $name);",
        "<?php define('CIVICRM_DSN', \"mysql://a:$p@h/civicrm\");",
        "<?php define('CIVICRM_DSN', 'pgsql://a:b@h/civicrm');",
        CIVICRM.replace("'https://www.saint-paul.example.org/'", "'https://' . $_SERVER['HTTP_HOST']"),
        CIVICRM.replace("'mysql://exploitant:ol%40d@localhost:3306/drupal?new_link=true'", "'mysql://nonsense'"),
    ],
)
def test_civicrm_settings_that_are_unclear_are_refused(source: str) -> None:
    with pytest.raises(ProgramError) as caught:
        make_civicrm_settings(source, SITE)
    assert caught.value.code == "settings_unclear"
