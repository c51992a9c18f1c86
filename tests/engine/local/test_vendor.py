"""Programs are found where Debian puts them, and what is missing is named with its package."""

from pathlib import Path

import pytest

from domain.errors import CiviparoisseError
from engine.local.vendor import find_database_programs, find_program, find_web_programs


def test_client_and_server_are_of_one_vendor() -> None:
    programs = find_database_programs()
    assert programs.vendor in ("mariadb", "mysql")
    names = {Path(programs.server).name, Path(programs.client).name}
    assert names in ({"mariadbd", "mariadb"}, {"mysqld", "mariadb"}, {"mysqld", "mysql"})
    assert (programs.install is None) == (programs.vendor == "mysql")


def test_apache_and_php_are_of_one_version() -> None:
    programs = find_web_programs()
    assert programs.php_module.is_file()
    assert Path(programs.server).is_file() and Path(programs.php).is_file()


def test_a_missing_program_names_its_package() -> None:
    with pytest.raises(CiviparoisseError) as raised:
        find_program("no-such-program", "its-package")
    assert raised.value.code == "missing_program"
    assert "apt-get install its-package" in raised.value.hint
