"""Databases that are loaded at once: whole in the end, or stopped together by the first failure."""

import os
import queue
from pathlib import Path

import pytest

from programs.databases.comparison import check_loaded
from programs.databases.connection import Connection
from programs.databases.load import Loader, observe_account, recreate_database
from programs.databases.table_load import AT_ONCE, Ended, TableLoad
from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, Artifact, parse_manifest
from tests.programs.forgery import forge_set, read_plain
from tests.programs.state import make_client
from tests.programs.workspace import Workspace, list_descendants, wait_until

ROWS = 3000


@pytest.fixture
def made(empty_workspace: Workspace) -> Path:
    """A set of three databases with tables that refer to each other's, there and back."""
    assert empty_workspace.databases is not None
    server = empty_workspace.databases.server
    names = empty_workspace.databases.names
    rows = ",".join(f"({number},{number})" for number in range(1, ROWS))
    for number, name in enumerate(names):
        other = names[(number + 1) % len(names)]
        server.execute(
            f"CREATE TABLE {name}.a (id INT PRIMARY KEY, of INT, KEY (of))",
            f"INSERT INTO {name}.a VALUES {rows}",
            f"CREATE TRIGGER {name}.t AFTER INSERT ON {name}.a FOR EACH ROW DELETE FROM {other}.a WHERE id = 0",
        )
    for number, name in enumerate(names):
        other = names[(number + 1) % len(names)]
        server.execute(
            f"ALTER TABLE {name}.a ADD CONSTRAINT FOREIGN KEY (of) REFERENCES {other}.a (id)",
            f"CREATE VIEW {name}.v AS SELECT x.id FROM {name}.a x JOIN {other}.a y ON x.of = y.id",
        )
    return empty_workspace.make_backup(SCOPE="database")


def make_loader(workspace: Workspace, made: Path) -> Loader:
    client, manifest = make_client(workspace), parse_manifest((made / NAME).read_bytes())
    loader = Loader(client, client.observe_vendor(), made, manifest, observe_account(client))
    for name in workspace.databases.names if workspace.databases else ():
        recreate_database(client, name, manifest.databases[name])
    return loader


def test_what_refers_to_what_another_one_loads_is_whole(empty_workspace: Workspace, made: Path) -> None:
    loader = make_loader(empty_workspace, made)
    loaded: list[Artifact] = []
    loader.load_tables(loader.manifest.artifacts, report=loaded.append)
    loader.load_views()
    check_loaded(loader.client, loader.manifest.databases)
    assert {artifact.name for artifact in loaded} == {artifact.name for artifact in loader.manifest.artifacts}


def test_the_first_that_fails_stops_the_others_and_nothing_is_left(
    empty_workspace: Workspace, made: Path, tmp_path: Path
) -> None:
    plain = read_plain(made, "civicrm.sql.gz")
    endless = b"".join(b"INSERT INTO `a` VALUES (%d,1);\n" % number for number in range(ROWS, 60 * ROWS))
    contents = {
        "civilog.sql.gz": read_plain(made, "civilog.sql.gz").replace(
            b"CREATE TABLE `a` (", b"CREATE TABLE `a` (wrong,", 1
        ),
        "civicrm.sql.gz": plain.replace(b"UNLOCK TABLES;", endless + b"UNLOCK TABLES;", 1),
    }
    loader = make_loader(empty_workspace, forge_set(made, tmp_path / made.name, contents=contents))
    loaded: list[Artifact] = []
    before = set(list_descendants(os.getpid()))
    with pytest.raises(ProgramError) as failed:
        loader.load_tables([one for one in loader.manifest.artifacts if one.name in contents], report=loaded.append)
    assert failed.value.code == "database_failed" and failed.value.params["number"] == 1064
    assert loaded == [], "the large one was stopped on its way"
    wait_until(lambda: set(list_descendants(os.getpid())) <= before)


def test_a_connection_that_is_killed_is_told_as_such(empty_workspace: Workspace, made: Path) -> None:
    loader = make_loader(empty_workspace, made)
    (artifact,) = (one for one in loader.manifest.artifacts if one.name == "civicrm.sql.gz")
    ended: Ended = queue.SimpleQueue()

    def connect_and_kill() -> Connection:
        connection = loader.connect("civicrm")
        ((number,),) = connection.run("SELECT CONNECTION_ID()")
        assert empty_workspace.databases is not None and number is not None
        empty_workspace.databases.server.execute(f"KILL {int(number)}")
        return connection

    load = TableLoad(
        artifact, path=made / artifact.name, codec="gzip", account=loader.account, connect=connect_and_kill, ended=ended
    )
    before = set(list_descendants(os.getpid()))
    with pytest.raises(ProgramError) as failed, load:
        ended.get().finish()
    assert failed.value.retryable and failed.value.code == "database_unreachable"
    wait_until(lambda: set(list_descendants(os.getpid())) <= before)


def test_no_more_than_some_are_loaded_at_once(
    empty_workspace: Workspace, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = make_loader(empty_workspace, made)
    most, open_now, order = 0, 0, []
    enter, leave = TableLoad.__enter__, TableLoad.finish

    def count_enter(load: TableLoad) -> TableLoad:
        nonlocal most, open_now
        open_now += 1
        most = max(most, open_now)
        order.append(load.artifact.plain_bytes)
        return enter(load)

    def count_leave(load: TableLoad) -> None:
        nonlocal open_now
        leave(load)
        open_now -= 1

    monkeypatch.setattr(TableLoad, "__enter__", count_enter)
    monkeypatch.setattr(TableLoad, "finish", count_leave)
    loader.load_tables(loader.manifest.artifacts, report=lambda _artifact: None)
    assert most == AT_ONCE and order == sorted(order, reverse=True)
