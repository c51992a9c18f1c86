"""programs.sites.agreement: what certainly disagrees is told, and nothing else."""

from pathlib import Path

import pytest

from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from programs.sites.agreement import find_disagreements, read_constants, read_drupal_database
from tests.programs.sites.test_clone import write_settings

SERVER = ServerAccess("h", 4001, "u", "p", ("civicrm", "drupal", "civilog"))
DRUPAL = "<?php\n$databases['default']['default'] = ['database' => 'drupal', 'username' => 'u', 'host' => 'h'];\n"
CIVICRM = """<?php
define('CIVICRM_UF_DSN', 'mysql://u:p@h:4001/drupal?new_link=true');
define('CIVICRM_DSN', 'mysql://u:p@h:4001/civicrm?new_link=true');
define('CIVICRM_LOGGING_DSN', CIVICRM_DSN);
define('CIVICRM_UF_BASEURL', 'https://www.copy.example.org/');
define('CIVICRM_SITE_KEY', 'k');
"""
HOST = "www.copy.example.org"


def find(place: Path, *, drupal: str = DRUPAL, civicrm: str = CIVICRM) -> list[str]:
    write_settings(place, drupal=drupal, civicrm=civicrm)
    return find_disagreements(place / "default", SERVER, host=HOST)


def test_settings_that_agree_say_nothing(tmp_path: Path) -> None:
    assert find(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("/drupal?", "/civilog?", "CIVICRM_UF_DSN names the database civilog, but settings.php names drupal"),
        ("/drupal?", "/civicrm?", "name the same database civicrm"),
        ("/civicrm?", "/other?", "CIVICRM_DSN names the database other"),
        ("u:p@h:4001/civicrm", "v:p@h:4001/civicrm", "CIVICRM_DSN names another account"),
        ("u:p@h:4001/civicrm", "u:p@h/civicrm", "CIVICRM_DSN leads to h:3306"),
        ("'k'", "''", "CIVICRM_SITE_KEY is empty"),
        ("www.copy.", "www.original.", "CIVICRM_UF_BASEURL is at www.original.example.org"),
    ],
)
def test_what_disagrees_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    told = find(tmp_path, civicrm=CIVICRM.replace(old, new))
    assert any(said in text for text in told), told


def test_another_database_of_drupal_is_told(tmp_path: Path) -> None:
    told = find(tmp_path, drupal=DRUPAL.replace("'drupal'", "'elsewhere'"))
    assert "settings.php names the database elsewhere" in told[0]


def test_what_is_no_plain_string_is_passed_over(tmp_path: Path) -> None:
    assert find(tmp_path, drupal="<?php\n$databases = make_them();\n", civicrm="text outside of PHP") == []
    assert read_drupal_database("no PHP") is None
    assert read_constants("<?php define('A', $b); define('A', 'later');") == {"A": None}


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        find_disagreements(tmp_path, SERVER, host=HOST)
    assert caught.value.code == "settings_missing"
