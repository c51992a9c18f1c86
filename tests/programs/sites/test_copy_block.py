"""programs.sites.copy_block: the last word of a copy's settings."""

from programs.sites.copy_block import COPY_BLOCK, make_copy_block
from tests.programs.sites.test_settings import SITE, ask_php

INCLUDED = """<?php
$databases['default']['default'] = ['database' => 'drupal', 'username' => 'o', 'host' => 'o', 'unix_socket' => '/s'];
$databases['default']['replica'][] = ['database' => 'drupal', 'username' => 'o', 'host' => 'o'];
$databases['lite']['default'] = ['database' => '/x.sqlite', 'driver' => 'sqlite'];
$settings['file_public_base_url'] = 'https://files.example.org';
$config['system.mail']['interface']['webform'] = 'php_mail';
"""


def test_whatever_was_said_before_is_moved(tmp_path: object) -> None:
    found = ask_php(tmp_path, INCLUDED + make_copy_block(SITE), "[$databases, $settings, $config]")  # type: ignore[arg-type]
    databases, settings, config = found  # type: ignore[misc]
    for connection in (databases["default"]["default"], databases["default"]["replica"][0]):  # type: ignore[index]
        assert (connection["host"], connection["port"], connection["username"]) == ("127.0.0.1", "3399", "exploitant")
        assert connection["password"] == SITE.password and "unix_socket" not in connection
    assert databases["lite"]["default"] == {"database": "/x.sqlite", "driver": "sqlite"}  # type: ignore[index]
    assert "file_public_base_url" not in settings
    assert config["system.mail"]["interface"] == {"default": "test_mail_collector"}  # type: ignore[index]
    assert config["automated_cron.settings"]["interval"] == 0  # type: ignore[index]


def test_the_block_of_an_earlier_copy_is_found_whole() -> None:
    assert COPY_BLOCK.sub("", "<?php\n" + make_copy_block(SITE)) == "<?php"
