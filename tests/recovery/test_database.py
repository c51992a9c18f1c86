"""recovery.database: a copy of one moment, checked, and the way back; SQLite and MariaDB."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.errors import CiviparoisseError
from recovery.database import SQL, copy_database, holds_work, make_tls_options, put_back, read_dump, read_sqlite
from tests.conftest import ParishDatabases

ROWS = [(1, "Œuvre d’été"), (2, "line\nbreak"), (3, "INSERT INTO `tenants_tenant` "), (4, None)]


def make_sqlite(path: Path) -> dict[str, Any]:
    """A file with two tables; its setting."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE tenants_tenant (id INTEGER PRIMARY KEY, name TEXT)")
        database.execute("CREATE TABLE other (id INTEGER PRIMARY KEY, data BLOB)")
        database.executemany("INSERT INTO tenants_tenant VALUES (?, ?)", ROWS)
    database.close()
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}


@pytest.fixture
def mysql(parish_databases: ParishDatabases) -> Iterator[dict[str, Any]]:
    """The setting of a real MariaDB with the same two tables."""
    server = parish_databases.server
    server.execute(
        "CREATE TABLE tenants_tenant (id INT PRIMARY KEY, name TEXT)",
        "CREATE TABLE `other` (id INT PRIMARY KEY, data BLOB)",
        database="civicrm",
    )
    connection = server.connect(database="civicrm")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO tenants_tenant VALUES (%s, %s)", ROWS)
    connection.close()
    yield {
        "ENGINE": "django.db.backends.mysql",
        "NAME": "civicrm",
        "USER": parish_databases.user,
        "PASSWORD": parish_databases.password,
        "HOST": "127.0.0.1",
        "PORT": server.port,
    }


def test_a_sqlite_file_is_copied_in_the_middle_of_writes(tmp_path: Path) -> None:
    setting = make_sqlite(tmp_path / "live.sqlite3")
    stop = threading.Event()

    def write() -> None:
        database = sqlite3.connect(setting["NAME"], timeout=180)
        number = 0
        while not stop.is_set():
            with database:
                # Both or none: a copy between the two would show it.
                database.execute("INSERT INTO tenants_tenant (name) VALUES ('x')")
                database.execute("INSERT INTO other (data) VALUES (x'00')")
            number += 1
        database.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            directory = tmp_path / str(number)
            directory.mkdir()
            copy = copy_database(setting, directory)
            assert copy.tables["tenants_tenant"][0] - copy.tables["other"][0] == len(ROWS)
            assert copy.path.stat().st_mode & 0o777 == 0o600
            assert [path.name for path in directory.iterdir()] == [copy.path.name]
    finally:
        stop.set()
        thread.join()


def test_equal_rows_have_equal_sums_and_a_change_shows(tmp_path: Path) -> None:
    setting = make_sqlite(tmp_path / "live.sqlite3")
    first = read_sqlite(tmp_path / "live.sqlite3")
    with sqlite3.connect(setting["NAME"]) as database:
        database.execute("UPDATE tenants_tenant SET name = 'other' WHERE id = 1")
    database.close()
    second = read_sqlite(tmp_path / "live.sqlite3")
    assert first["other"] == second["other"]
    assert first["tenants_tenant"][0] == second["tenants_tenant"][0] and first != second


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    setting = make_sqlite(tmp_path / "live.sqlite3")
    with sqlite3.connect(setting["NAME"]) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.executemany("INSERT INTO other (data) VALUES (?)", [(os.urandom(3000),) for _ in range(50)])
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    data = bytearray(Path(setting["NAME"]).read_bytes())
    data[5000:60000] = b"\xff" * 55000
    Path(setting["NAME"]).write_bytes(data)
    with pytest.raises(CiviparoisseError) as error:
        read_sqlite(Path(setting["NAME"]))
    assert error.value.code == "manager_database_damaged"


def test_a_sqlite_file_takes_its_place(tmp_path: Path) -> None:
    setting = make_sqlite(tmp_path / "live.sqlite3")
    (tmp_path / "copies").mkdir()
    copy = copy_database(setting, tmp_path / "copies")
    other = {**setting, "NAME": str(tmp_path / "new" / "manager.sqlite3")}
    assert not holds_work(other, tmp_path)
    put_back(other, copy.path, tmp_path)
    assert read_sqlite(Path(other["NAME"])) == dict(copy.tables)
    assert holds_work(other, tmp_path) and Path(other["NAME"]).stat().st_mode & 0o777 == 0o600


def test_mariadb_is_dumped_and_put_back_to_the_last_row(mysql: dict[str, Any], tmp_path: Path) -> None:
    copy = copy_database(mysql, tmp_path)
    assert copy.tables["tenants_tenant"][0] == len(ROWS) and copy.tables["other"][0] == 0
    left = {path.name for path in tmp_path.iterdir()} - {"state"}
    assert left == {SQL}, "no password is left"
    assert holds_work(mysql, tmp_path)
    empty = {**mysql, "NAME": "drupal"}
    assert not holds_work(empty, tmp_path)
    put_back(empty, copy.path, tmp_path)
    (tmp_path / "again").mkdir()
    assert copy_database(empty, tmp_path / "again").tables == copy.tables


def test_a_dump_that_was_cut_is_refused(mysql: dict[str, Any], tmp_path: Path) -> None:
    copy = copy_database(mysql, tmp_path)
    copy.path.write_bytes(copy.path.read_bytes()[:-200])
    with pytest.raises(CiviparoisseError) as error:
        read_dump(copy.path)
    assert error.value.code == "manager_dump_failed"


def test_a_refused_account_tells_no_password(mysql: dict[str, Any], tmp_path: Path) -> None:
    wrong = {**mysql, "PASSWORD": "another secret"}
    with pytest.raises(CiviparoisseError) as error:
        copy_database(wrong, tmp_path)
    assert error.value.code == "manager_dump_failed"
    assert "another secret" not in str(error.value) and not (tmp_path / "client.cnf").exists()


@pytest.mark.parametrize(
    ("options", "mariadb", "mysql_"),
    [
        ({}, [], []),
        ({"ssl_disabled": True}, ["skip-ssl"], ["ssl-mode=DISABLED"]),
        (
            {"ssl_ca": "/ca", "ssl_verify_cert": True, "ssl_verify_identity": True},
            ['ssl-ca="/ca"', "ssl-verify-server-cert"],
            ['ssl-ca="/ca"', "ssl-mode=VERIFY_IDENTITY"],
        ),
        (
            {"ssl_ca": "/ca", "ssl_cert": "/c", "ssl_key": "/k", "ssl_verify_identity": True},
            ['ssl-ca="/ca"', 'ssl-cert="/c"', 'ssl-key="/k"', "ssl-verify-server-cert"],
            ['ssl-ca="/ca"', 'ssl-cert="/c"', 'ssl-key="/k"', "ssl-mode=VERIFY_IDENTITY"],
        ),
    ],
)
def test_clients_are_told_of_tls_in_their_own_words(
    options: dict[str, Any], mariadb: list[str], mysql_: list[str]
) -> None:
    assert make_tls_options(options, is_mariadb=True) == mariadb
    assert make_tls_options(options, is_mariadb=False) == mysql_
