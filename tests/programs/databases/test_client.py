"""programs.databases.client: values come back as they are, failures by name, the password only in a private file."""

from pathlib import Path

import pytest

from programs.databases.client import (
    Client,
    find_error_number,
    find_programs,
    format_option,
    make_database_error,
    observe_program,
    quote_name,
    quote_text,
)
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from tests.conftest import ParishDatabases
from tests.servers import find_free_port

PASSWORDS = ['p#"\\;= $`é', "'", '"', "\\", "\\n", " lead and trail ", "# no comment", "a'b\"c\\d\\", "é😀", "%s !x"]


def make_client(databases: ParishDatabases, scratch: Path, *, password: str | None = None, port: int = 0) -> Client:
    server = databases.server
    secret = databases.password if password is None else password
    return Client(
        ServerAccess(server.host, port or server.port, databases.user, secret, databases.names), scratch=scratch
    )


@pytest.mark.parametrize("password", PASSWORDS)
def test_any_password_passes_the_option_file(parish_databases: ParishDatabases, tmp_path: Path, password: str) -> None:
    escaped = password.replace("\\", "\\\\").replace("'", "\\'")
    parish_databases.server.execute(f"ALTER USER exploitant@'%' IDENTIFIED BY '{escaped}'")
    client = make_client(parish_databases, tmp_path, password=password)
    assert client.query(["CURRENT_USER()"], "") == [("exploitant@%",)]
    assert client.option_file.stat().st_mode & 0o777 == 0o600


def test_a_socket_is_used_instead_of_host_and_port(parish_databases: ParishDatabases, tmp_path: Path) -> None:
    server = parish_databases.server
    account = ("nowhere.invalid", find_free_port(), parish_databases.user, parish_databases.password)
    access = ServerAccess(*account, parish_databases.names, socket=str(server.socket))
    assert Client(access, scratch=tmp_path).query(["CURRENT_USER()"], "") == [("exploitant@%",)]


def test_values_come_back_as_they_are(parish_databases: ParishDatabases, tmp_path: Path) -> None:
    client = make_client(parish_databases, tmp_path)
    texts = ["a\tb\nc\\d\0e", "NULL", "", "-", "é😀", "'\"`"]
    rows = client.query([quote_text(text) for text in texts] + ["NULL", "12", "-0.5"], "")
    assert rows == [(*texts, None, "12", "-0.5")]
    assert client.query(["1"], "FROM DUAL WHERE FALSE") == []


def test_names_with_odd_characters_are_quoted(parish_databases: ParishDatabases, tmp_path: Path) -> None:
    client = make_client(parish_databases, tmp_path)
    name = "a`b'c\"d\n\\é"
    client.run(f"CREATE TABLE civicrm.{quote_name(name)} (id INT); INSERT INTO civicrm.{quote_name(name)} VALUES (5);")
    assert client.query(["id"], f"FROM civicrm.{quote_name(name)}") == [("5",)]
    rest = "FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'civicrm'"
    assert client.query(["TABLE_NAME"], rest) == [(name,)]


def test_the_vendor_and_its_programs_go_together(parish_databases: ParishDatabases, tmp_path: Path) -> None:
    vendor = make_client(parish_databases, tmp_path).observe_vendor()
    assert vendor.name == "mariadb" and vendor.version.startswith("10.")
    assert Path(vendor.dump).name == "mariadb-dump" and "MariaDB" in vendor.client_version
    assert find_programs("mariadb") == (vendor.client, vendor.dump)


def test_a_client_of_the_other_vendor_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "mysqldump"
    program.write_text("#!/bin/sh\necho mysqldump Ver 8.0.36 for Linux\n")
    program.chmod(0o755)
    assert observe_program(str(program), vendor="mysql") == "Ver 8.0.36 for Linux"
    with pytest.raises(ProgramError) as caught:
        observe_program(str(program), vendor="mariadb")
    assert caught.value.code == "client_mismatch"


def test_failures_are_named(parish_databases: ParishDatabases, tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        make_client(parish_databases, tmp_path, password="wrong").query(["1"], "")
    assert caught.value.code == "database_refused" and not caught.value.retryable
    with pytest.raises(ProgramError) as caught:
        make_client(parish_databases, tmp_path, port=find_free_port()).query(["1"], "")
    assert caught.value.code == "database_unreachable" and caught.value.retryable
    with pytest.raises(ProgramError) as caught:
        make_client(parish_databases, tmp_path).query(["nothing"], "FROM civicrm.nowhere")
    assert caught.value.code == "database_failed" and caught.value.params["number"] == 1146


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("ERROR 2002 (HY000): Can't connect", 2002),
        ("mysqldump: Got error: 1045: Access denied", 1045),
        ("mysqldump: Error 1412: Table definition has changed", 1412),
        ("mysqldump: Couldn't execute 'x': No such table (1146)", 1146),
        ("all is well", None),
    ],
)
def test_error_numbers_are_found(said: str, number: int | None) -> None:
    assert find_error_number(said) == number


def test_deadlocks_and_lock_waits_may_be_tried_again() -> None:
    for number in (1205, 1213, 1412):
        assert make_database_error(ProgramError("stage_failed", f"ERROR {number} (40001): x")).retryable
    assert not make_database_error(ProgramError("stage_failed", "ERROR 1064 (42000): x")).retryable


def test_an_option_is_one_line() -> None:
    assert format_option('a\n"b\\') == '"a\\n\\"b\\\\"'


@pytest.mark.parametrize("said", [b"", b"41\t42\n", b"41\nEND OF ANS", b"x END OF ANSWER\n"])
def test_an_answer_without_its_end_is_none(tmp_path: Path, said: bytes) -> None:
    """A client whose disk is full writes what fits and ends with 0."""
    (tmp_path / "said").write_bytes(said)
    program = tmp_path / "client"
    program.write_text(f"#!/bin/sh\ncat >/dev/null\ncat {tmp_path}/said\n")
    program.chmod(0o755)
    access = ServerAccess("127.0.0.1", 1, "nobody", "", ())
    with pytest.raises(ProgramError) as caught:
        Client(access, scratch=tmp_path).run("SELECT 1;", program=str(program))
    assert (caught.value.code, caught.value.retryable) == ("answer_cut", True)
