"""programs.sites.sandbox: nothing that a copy does reaches anybody or anything outside of it."""

import pytest

from programs.run.failures import ProgramError
from programs.sites.sandbox import move_addresses, quiet_database, quiet_mailers
from tests.programs.state import make_client, observe_state
from tests.programs.workspace import Workspace

SERIALIZED = 'a:3:{s:15:"outBound_option";s:1:"0";s:12:"smtpPassword";s:5:"a;b\'c";s:8:"smtpPort";s:2:"25";}'


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
    quiet_database(make_client(empty_workspace), "civicrm", hosts=(), site_host="")
    rows = server.execute("SELECT value FROM civicrm.civicrm_setting ORDER BY id")
    assert rows == [(expected,), ("kept",)]


def test_a_database_without_civicrm_is_left_alone(empty_workspace: Workspace) -> None:
    before = observe_state(empty_workspace)
    quiet_database(make_client(empty_workspace), "drupal", hosts=(), site_host="")
    assert observe_state(empty_workspace) == before


def test_what_would_act_by_itself_rests(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute(
        "CREATE TABLE civicrm_job (id INT PRIMARY KEY, name TEXT, is_active TINYINT)",
        "INSERT INTO civicrm_job VALUES (1, 'mailings', 1), (2, 'off', 0)",
        "CREATE TABLE civicrm_payment_processor (id INT PRIMARY KEY, is_active TINYINT, is_test TINYINT)",
        "INSERT INTO civicrm_payment_processor VALUES (1, 1, 0), (2, 1, 1)",
        "CREATE TABLE civicrm_mail_settings (id INT PRIMARY KEY, server TEXT, username TEXT, password TEXT)",
        "INSERT INTO civicrm_mail_settings VALUES (1, 'imap.example.org', 'paroisse', 'secret')",
        "CREATE TABLE civicrm_setting (id INT PRIMARY KEY, name VARCHAR(255), value TEXT)",
        "INSERT INTO civicrm_setting VALUES (1, 'environment', 's:10:\"Production\";'),"
        " (2, 'imageUploadURL', 's:34:\"https://www.example.org/files/img/\";'), (3, 'x', NULL)",
        database="civicrm",
    )
    hosts = {"www.example.org"}
    quiet_database(make_client(empty_workspace), "civicrm", hosts=hosts, site_host="copie.example.org")

    def look(query: str) -> object:
        return server.execute(query, database="civicrm")

    assert look("SELECT SUM(is_active) FROM civicrm_job") == look(
        "SELECT SUM(is_active) FROM civicrm_payment_processor"
    )
    assert look("SELECT SUM(is_active) FROM civicrm_job") == [(0,)]
    assert look("SELECT server, username, password FROM civicrm_mail_settings") == [("localhost.invalid", None, None)]
    assert look("SELECT value FROM civicrm_setting ORDER BY id") == [
        ('s:7:"Staging";',),
        ('s:36:"https://copie.example.org/files/img/";',),
        (None,),
    ]


def test_every_module_s_mailer_and_the_automated_cron_of_drupal_rest(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    mail = b'a:1:{s:9:"interface";a:2:{s:7:"default";s:8:"php_mail";s:7:"webform";s:12:"webform_mail";}}'
    cron = b'a:1:{s:8:"interval";i:10800;}'
    server.execute(
        "CREATE TABLE config (collection VARCHAR(255), name VARCHAR(255), data LONGBLOB)",
        f"INSERT INTO config VALUES ('', 'system.mail', 0x{mail.hex()})",
        f"INSERT INTO config VALUES ('', 'automated_cron.settings', 0x{cron.hex()})",
        database="drupal",
    )
    quiet_database(make_client(empty_workspace), "drupal", hosts=(), site_host="")
    found = dict(server.execute("SELECT name, data FROM drupal.config"))
    assert found["automated_cron.settings"] == b'a:1:{s:8:"interval";i:0;}'
    assert found["system.mail"].count(b's:19:"test_mail_collector";') == 2
    assert b"php_mail" not in found["system.mail"] and b"webform_mail" not in found["system.mail"]


def test_a_mailer_without_modules_is_left_as_it_is() -> None:
    assert quiet_mailers(b'a:1:{s:9:"interface";a:0:{}}') == b'a:1:{s:9:"interface";a:0:{}}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b's:22:"http://www.example.org";', b's:24:"http://copie.example.org";'),
        (b's:24:"//www.example.org.evil/x";', b's:24:"//www.example.org.evil/x";'),
        (
            'a:1:{i:0;s:27:"é https://www.example.org/";}'.encode(),
            'a:1:{i:0;s:29:"é https://copie.example.org/";}'.encode(),
        ),
        (b"https://www.example.org/x", b"https://copie.example.org/x"),
        (b's:99:"cut', b's:99:"cut'),
        (b"i:5;", b"i:5;"),
    ],
)
def test_addresses_move_and_lengths_stay_right(value: bytes, expected: bytes) -> None:
    assert move_addresses(value, hosts={"www.example.org"}, site_host="copie.example.org") == expected
    assert move_addresses(value, hosts=(), site_host="copie.example.org") == value


def test_no_answer_is_not_taken_for_a_database_that_sends_no_mail(empty_workspace: Workspace) -> None:
    client = make_client(empty_workspace)
    client.query = lambda *_words: []  # type: ignore[method-assign]
    with pytest.raises(ProgramError) as caught:
        quiet_database(client, "civicrm", hosts=(), site_host="")
    assert caught.value.code == "answer_cut"
