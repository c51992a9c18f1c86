"""programs.databases.connection: one statement at a time, whole, or an error that says what happened."""

import dataclasses
from collections.abc import Iterator

import pymysql
import pytest

from programs.databases.authentication import make_answer
from programs.databases.connection import Connection
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from tests.programs.workspace import Workspace


@pytest.fixture
def access(empty_workspace: Workspace) -> ServerAccess:
    databases = empty_workspace.databases
    assert databases is not None
    server = databases.server
    return ServerAccess(server.host, server.port, databases.user, databases.password, databases.names)


@pytest.fixture
def connection(access: ServerAccess) -> Iterator[Connection]:
    with Connection(access, database="civicrm") as opened:
        yield opened


def test_rows_come_as_bytes_and_null_as_none(connection: Connection) -> None:
    ((user, null, text, empty),) = connection.run("SELECT CURRENT_USER(), NULL, REPEAT('x', 70000), ''")
    assert user == b"exploitant@%" and null is None and text == b"x" * 70000 and empty == b""
    assert connection.run("DO 1") == [] and connection.run("SELECT 1 FROM DUAL WHERE 0") == []
    assert connection.run("SELECT DATABASE()") == [(b"civicrm",)]


@pytest.mark.parametrize(
    "text",
    [
        "DO 1; DO 2",
        "CREATE TABLE t (i INT); DROP TABLE t",
        "CREATE PROCEDURE p() BEGIN SELECT 1; END; DO 1",
        "SET sql_mode=''; DROP DATABASE civilog",
        "DO 1;\nDELIMITER ;;\nDO 2",
    ],
)
def test_the_server_itself_refuses_a_second_statement(connection: Connection, text: str) -> None:
    with pytest.raises(ProgramError) as caught:
        connection.run(text)
    assert (caught.value.code, caught.value.params["number"]) == ("database_failed", 1064)
    assert connection.run("SHOW TABLES") == []


def test_no_file_of_ours_is_given_out(connection: Connection) -> None:
    connection.run("CREATE TABLE t (x TEXT)")
    with pytest.raises(ProgramError):
        connection.run("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t")


@pytest.mark.parametrize("size", [0, 100, 0xFFFFFF - 2 - len("SELECT LENGTH('')"), 0xFFFFFF + 9, 40_000_000])
def test_statements_of_any_length_arrive_in_pieces_of_any_length(connection: Connection, size: int) -> None:
    connection.send(b"SELECT LENGTH('", last=False)
    for start in range(0, size, 7_000_000):
        connection.send(b"x" * min(7_000_000, size - start), last=False)
    assert connection.send(b"')", last=True) == [(str(size).encode(),)]
    assert connection.run("SELECT 1") == [(b"1",)]


def test_a_refused_account_and_a_server_that_is_not_there_are_told_apart(access: ServerAccess) -> None:
    with pytest.raises(ProgramError) as caught:
        Connection(dataclasses.replace(access, password="wrong"))
    assert caught.value.code == "database_refused" and "wrong" not in caught.value.message
    with pytest.raises(ProgramError) as caught:
        Connection(dataclasses.replace(access, port=1))
    assert caught.value.code == "database_unreachable" and caught.value.retryable
    with pytest.raises(ProgramError) as caught:
        Connection(dataclasses.replace(access, socket="/nonexistent"))
    assert caught.value.code == "database_unreachable"


def test_a_server_that_goes_away_is_told_as_such(connection: Connection, empty_workspace: Workspace) -> None:
    ((number,),) = connection.run("SELECT CONNECTION_ID()")
    assert empty_workspace.databases is not None and number is not None
    empty_workspace.databases.server.execute(f"KILL {int(number)}")
    with pytest.raises(ProgramError) as caught:
        for _ in range(3):
            connection.run("SELECT 1")
    assert caught.value.code in ("database_unreachable", "database_failed") and caught.value.params["number"]


def test_by_the_socket_and_without_a_password(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    server.execute("CREATE USER nobody@'%'")
    by_socket = ServerAccess("localhost", 0, "root", "", (), socket=str(server.socket))
    with Connection(by_socket) as opened:
        assert opened.run("SELECT CURRENT_USER()") == [(b"root@localhost",)]
    with Connection(ServerAccess(server.host, server.port, "nobody", "", ())) as opened:
        assert opened.run("SELECT CURRENT_USER()") == [(b"nobody@%",)]
    server.execute("DROP USER nobody@'%'")


def test_passwords_are_proven_as_by_the_other_client() -> None:
    nonce = bytes(range(1, 21))
    assert make_answer("mysql_native_password", password=b"x", nonce=nonce) == pymysql._auth.scramble_native_password(
        b"x", nonce
    )
    assert make_answer("caching_sha2_password", password=b"x", nonce=nonce) == pymysql._auth.scramble_caching_sha2(
        b"x", nonce
    )
