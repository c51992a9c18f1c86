"""programs.databases.patience: sessions that are held outlive a server that ends what is silent."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from programs.databases import snapshot as module
from programs.databases.columns import Column
from programs.databases.connection import Connection
from programs.databases.dump import dump_once
from programs.databases.inventory import observe_inventory
from programs.databases.session import Session
from programs.databases.snapshot import Snapshot, observe_checksums
from programs.run.failures import ProgramError
from tests.programs.state import make_client
from tests.programs.workspace import Workspace
from tests.servers import MariaDbServer

LIMIT_SECONDS = 4
LONGER = "SELECT SLEEP(7)"
SILENT = ("wait_timeout", "net_read_timeout", "net_write_timeout", "idle_transaction_timeout", "max_statement_time")


@contextmanager
def impatient(server: MariaDbServer, *names: str) -> Iterator[None]:
    """New sessions of this server have small limits as long as the context lasts."""
    (before,) = server.execute(f"SELECT {', '.join(f'@@GLOBAL.{name}' for name in names)}")
    server.execute(*(f"SET GLOBAL {name} = {LIMIT_SECONDS}" for name in names))
    try:
        yield
    finally:
        server.execute(*(f"SET GLOBAL {name} = {value}" for name, value in zip(names, before, strict=True)))


def get_server(workspace: Workspace) -> MariaDbServer:
    assert workspace.databases is not None
    return workspace.databases.server


def list_sessions(server: MariaDbServer) -> list[int]:
    rows = server.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'exploitant' ORDER BY ID")
    return [int(row[0]) for row in rows]


@pytest.fixture
def numbers(empty_workspace: Workspace) -> Workspace:
    """A table that a snapshot covers, and one that it reads exactly."""
    get_server(empty_workspace).execute(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "INSERT INTO t VALUES (1, 1), (2, 2)",
        "CREATE TABLE z (v FLOAT)",
        "INSERT INTO z VALUES (16777215)",
        database="civicrm",
    )
    return empty_workspace


def test_every_held_session_is_still_there_after_longer_than_the_server_waits(numbers: Workspace) -> None:
    server, client = get_server(numbers), make_client(numbers)
    vendor, inventory = client.observe_vendor(), observe_inventory(client)
    before = observe_checksums(client, vendor, inventory)
    with ExitStack() as stack:
        with impatient(server, *SILENT):
            connection = stack.enter_context(Connection(client.access, database="civicrm"))
            session = stack.enter_context(Session(client, vendor))
            session.ask("SET @kept = 1; START TRANSACTION;")
            connection.run("SET @kept = 2")
            snapshot = stack.enter_context(Snapshot(client, vendor, inventory))
        server.execute(LONGER)  # as a dump that takes its time
        snapshot.begin()
        assert snapshot.is_shared
        server.execute("UPDATE civicrm.t SET v = 9", LONGER)
        assert snapshot.receive_checksums() == before
        assert session.ask("SELECT @kept;") == [b"1"]
        assert connection.run("SELECT @kept") == [(b"2",)]


def test_a_session_that_was_ended_is_never_opened_again_unseen(numbers: Workspace) -> None:
    """A new one has no snapshot: its checksums would be those of what was written meanwhile."""
    server, client = get_server(numbers), make_client(numbers)
    with Snapshot(client, client.observe_vendor(), observe_inventory(client)) as found:
        snapshot, lock = list_sessions(server)
        server.execute(f"KILL {snapshot}")
        with pytest.raises(ProgramError) as caught:
            found.begin()
            found.receive_checksums()
    assert caught.value.code == "database_unreachable" and caught.value.retryable


def test_tables_that_were_let_go_too_early_make_no_shared_snapshot(numbers: Workspace) -> None:
    server, client = get_server(numbers), make_client(numbers)
    with Snapshot(client, client.observe_vendor(), observe_inventory(client)) as found:
        snapshot, lock = list_sessions(server)
        server.execute(f"KILL {lock}")
        found.begin()
        assert not found.is_shared and found.receive_checksums() is None


def test_an_answer_that_stands_still_is_a_failure_and_a_silent_session_is_none(numbers: Workspace) -> None:
    client = make_client(numbers)
    vendor = client.observe_vendor()
    with Session(client, vendor, stall_seconds=4) as session:
        session.send("SELECT 1; SELECT 2;")
        get_server(numbers).execute("SELECT SLEEP(6)")
        answer = session.receive()
        assert next(answer) == b"1"
        get_server(numbers).execute("SELECT SLEEP(6)")  # who reads may take its time between two lines
        assert list(answer) == [b"2"]
        begun = time.monotonic()
        with pytest.raises(ProgramError) as caught:
            session.ask("SELECT SLEEP(60);")
        assert "no progress" in caught.value.message and time.monotonic() - begun < 45


def test_a_dump_outlives_the_reading_of_what_it_rounds(
    numbers: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile it cannot write, and its server waits for it: a minute, where nobody set it otherwise."""
    server, client = get_server(numbers), make_client(numbers)
    server.execute(
        "CREATE TABLE a_big (id INT PRIMARY KEY, text TEXT)",
        "INSERT INTO a_big SELECT seq, REPEAT(MD5(seq), 8) FROM seq_1_to_100000",
        database="civicrm",
    )
    plain = Snapshot._read_exact

    def read_slowly(self: Snapshot, database: str, tables: Mapping[str, list[Column]]) -> None:
        if database == "civicrm":
            self._session.ask(f"{LONGER};")
        plain(self, database, tables)

    monkeypatch.setattr(module.Snapshot, "_read_exact", read_slowly)
    inventory = observe_inventory(client)
    files = {name: tmp_path / f"{name}.sql.gz" for name in inventory}
    with impatient(server, "net_write_timeout"):
        written = dump_once(client, client.observe_vendor(), inventory, files=files, codec="gzip")
    assert written.seen["civicrm"].tables == {"a_big": 100000, "t": 2, "z": 1}
    assert written.checksums is not None
