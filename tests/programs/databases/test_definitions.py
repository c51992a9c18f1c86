"""programs.databases.definitions: what came back with another definition is named."""

import pytest

from programs.databases.definitions import list_differences, observe_definitions
from tests.programs.state import make_client
from tests.programs.workspace import Workspace

TABLE = [
    b"  `id` int(11) NOT NULL AUTO_INCREMENT,\n",
    "  `a` varchar(9) DEFAULT '😀',\n".encode(),
    b"  `f` float DEFAULT 16777215,\n",
    b"  PRIMARY KEY (`id`),\n",
    b"  KEY `by``a` (`a`)\n",
    b") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4;\n",
]


def change(number: int, old: bytes, new: bytes) -> list[bytes]:
    lines = list(TABLE)
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new)
    return lines


def test_what_servers_tell_inexactly_is_no_difference() -> None:
    for told in (change(1, "😀".encode(), b"?"), change(2, b"16777215", b"16777200"), change(5, b"=7", b"=9")):
        assert list_differences({"t": told}, {"t": TABLE}) == []


MYSQL = [  # a column in a dump, and what MySQL 9.7 tells of it once it was loaded
    ("varchar(30) COLLATE utf8mb4_bin", "varchar(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
    (
        "varchar(9) COLLATE utf8mb4_bin DEFAULT 'it''s 😀'",
        "varchar(9) COLLATE utf8mb4_bin DEFAULT 0x6974277320F09F9880",
    ),
    ("enum('CHARACTER SET y') COLLATE latin1_bin", "enum('CHARACTER SET y') CHARACTER SET latin1 COLLATE latin1_bin"),
    ("binary(2) DEFAULT 0x00FF", "binary(2) DEFAULT 0x00ff"),
]


@pytest.mark.parametrize(("dumped", "told"), MYSQL)
def test_what_mysql_tells_otherwise_after_a_load_is_no_difference(dumped: str, told: str) -> None:
    expected, found = f"  `a` {dumped},\n".encode(), f"  `a` {told}\n".encode()
    assert list_differences({"t": [found]}, {"t": [expected]}) == []
    odd = found.replace(b"_bin", b"_general_ci").replace(b"0x00", b"0x01")
    assert list_differences({"t": [odd]}, {"t": [expected]}) == ["t.a"]


def test_the_column_or_the_index_is_named() -> None:
    assert list_differences({"t": change(0, b"int(11)", b"bigint(20)")}, {"t": TABLE}) == ["t.id"]
    assert list_differences({"t": change(4, b"(`a`)", b"(`a`(3))")}, {"t": TABLE}) == ["t.by``a"]
    assert list_differences({"t": change(5, b"utf8mb4", b"latin1")}, {"t": TABLE}) == ["t"]
    assert list_differences({"t": [TABLE[1], TABLE[0], *TABLE[2:]]}, {"t": TABLE}) == ["t"], "another order"
    assert "t.id" in list_differences({}, {"t": TABLE})


def test_the_server_tells_what_a_dump_holds(empty_workspace: Workspace) -> None:
    assert empty_workspace.databases is not None
    empty_workspace.databases.server.execute(
        "CREATE TABLE `new\nline` (id INT PRIMARY KEY, a TEXT COMMENT 'a\\nb\\\\c')", database="civicrm"
    )
    client = make_client(empty_workspace)
    (lines,) = observe_definitions(client, client.observe_vendor(), "civicrm", ["new\nline"]).values()
    assert lines[0] == b"  `id` int(11) NOT NULL,\n"
    assert lines[1].endswith(b"COMMENT 'a\\nb\\\\c',\n")
    assert lines[-1].startswith(b") ENGINE=InnoDB") and lines[-1].endswith(b";")
