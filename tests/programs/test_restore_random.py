"""Round trips of random schemas and files: what was backed up comes back, whatever happened meanwhile."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import ParishDatabases
from tests.programs.state import observe_state
from tests.programs.workspace import Workspace
from tests.servers import MariaDbServer

EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6"))
PASSWORD = "round trip"

identifiers = st.text(
    st.characters(min_codepoint=1, max_codepoint=0xFFFF, exclude_categories=["Cs", "Cn"]), min_size=1, max_size=20
).filter(lambda name: name == name.rstrip() and "\ufffe" not in name)
# No character of 4 bytes in an ENUM: MariaDB's SHOW CREATE TABLE answers "?" for it, so no dump can hold it.
TYPES = (
    "TEXT", "LONGBLOB", "JSON", "BIGINT", "DOUBLE", "DECIMAL(30,10)", "DATETIME(6)", "TIME(3)", "YEAR", "BIT(33)",
    "ENUM('a','b''c','é')", "SET('x','y')", "VARCHAR(40) CHARACTER SET latin1", "BINARY(5)", "GEOMETRY", "TINYINT(1)",
)  # fmt: skip
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
VALUES = {
    "TEXT": texts.map(lambda text: f"CONVERT(0x{text.encode().hex()} USING utf8mb4)" if text else "''"),
    "LONGBLOB": st.binary(max_size=300).map(lambda data: f"0x{data.hex()}" if data else "''"),
    "JSON": st.sampled_from(['\'{"a": [1, "\\\\\\\\"]}\'', "'[]'", "'\"é\"'"]),
    "BIGINT": st.integers(-(2**63), 2**63 - 1).map(str),
    "DOUBLE": st.floats(-1e30, 1e30).map(lambda value: f"{value:e}"),
    "DECIMAL(30,10)": st.decimals(-(10**9), 10**9, places=10).map(str),
    "DATETIME(6)": st.datetimes().filter(lambda at: at.year > 999).map(lambda at: f"'{at.isoformat(' ')}'"),
    "TIME(3)": st.sampled_from(["'-838:59:59'", "'00:00:00.001'"]),
    "YEAR": st.integers(1901, 2155).map(str),
    "BIT(33)": st.integers(0, 2**33 - 1).map(str),
    "ENUM('a','b''c','é')": st.integers(1, 3).map(str),
    "SET('x','y')": st.integers(0, 3).map(str),
    "VARCHAR(40) CHARACTER SET latin1": st.sampled_from(["''", "'é'", "'a''b'", "'\\\\'"]),
    "BINARY(5)": st.binary(min_size=5, max_size=5).map(lambda data: f"0x{data.hex()}"),
    "GEOMETRY": st.sampled_from(["POINT(1, 2)", "LINESTRING(POINT(0, 0), POINT(1, 1))"]),
    "TINYINT(1)": st.booleans().map(lambda value: str(int(value))),
}


@dataclass(frozen=True)
class RandomTable:
    """A table of one database, with the rows to put into it."""

    name: str
    types: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    engine: str


def make_rows(types: tuple[str, ...]) -> st.SearchStrategy[tuple[tuple[str, ...], ...]]:
    row = st.tuples(*(st.one_of(st.just("NULL"), VALUES[kind]) for kind in types))
    return st.lists(row, max_size=8).map(tuple)


@st.composite
def tables(draw: st.DrawFn) -> list[RandomTable]:
    """Distinct tables with a few columns each."""
    names = draw(st.lists(identifiers, min_size=1, max_size=3, unique_by=lambda name: name.casefold()))
    found = []
    for name in names:
        types = tuple(draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=5)))
        engine = draw(st.sampled_from(["InnoDB", "InnoDB", "MyISAM", "Aria"]))
        found.append(RandomTable(name, types, draw(make_rows(types)), engine))
    return found


names = st.binary(min_size=1, max_size=60).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)
contents = st.one_of(st.binary(max_size=2000), st.integers(0, 1 << 22))
files = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map(b"/".join),
    st.tuples(contents, st.sampled_from([0o644, 0o400, 0o755, 0o711])),
    max_size=8,
)


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def fill_database(server: MariaDbServer, database: str, wanted: list[RandomTable], *, definer: str) -> None:
    """Tables with a key, generated columns and a foreign key to the one before; other objects for each."""
    account = f"DEFINER={definer}@'%'"
    before = None
    for number, table in enumerate(wanted):
        columns = ", ".join(f"c{index} {kind}" for index, kind in enumerate(table.types))
        rest = ", n INT DEFAULT 7, twice INT AS (n * 2) VIRTUAL, thrice INT AS (n * 3) STORED"
        if before is not None and table.engine == before.engine == "InnoDB":
            rest += f", parent INT, FOREIGN KEY (parent) REFERENCES {quote(before.name)} (id) ON DELETE CASCADE"
        name = quote(table.name)
        server.execute(
            f"CREATE TABLE {name} (id INT PRIMARY KEY AUTO_INCREMENT, {columns}{rest}) ENGINE={table.engine}",
            *(
                f"INSERT INTO {name} ({', '.join(f'c{i}' for i in range(len(row)))}) VALUES ({', '.join(row)})"
                for row in table.rows
            ),
            f"CREATE {account} TRIGGER trigger_{number} BEFORE UPDATE ON {name} FOR EACH ROW SET @a=';;'",
            f"CREATE {account} VIEW view_{number} AS SELECT id, 'x;y' AS text FROM {quote(table.name)}",
            f"CREATE {account} FUNCTION function_{number}(a INT) RETURNS INT DETERMINISTIC BEGIN RETURN a; END",
            f"CREATE {account} EVENT event_{number} ON SCHEDULE EVERY 1 DAY DO BEGIN SET @a = 1; END",
            database=database,
        )
        before = table


def fill_tree(root: Path, wanted: dict[bytes, tuple[bytes | int, int]]) -> None:
    """Files at their paths; a number is the size of a hole. A path through a file, or a name taken, is left out."""
    for path, (data, mode) in wanted.items():
        target = os.path.join(os.fsencode(root), path)
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "xb") as file:
                file.write(data) if isinstance(data, bytes) else file.truncate(data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
        os.chmod(target, mode)


def damage(server: MariaDbServer, root: Path, wanted: list[RandomTable]) -> None:
    """Drop a table, add others, and leave other files in the place of those that were there."""
    server.execute(
        "SET FOREIGN_KEY_CHECKS=0", f"DROP TABLE civicrm.{quote(wanted[0].name)}", "CREATE TABLE civicrm.extra_ (i INT)"
    )
    for number, name in enumerate(os.listdir(os.fsencode(root))):
        path = os.path.join(os.fsencode(root), name)
        if os.path.isdir(path):
            os.rename(path, os.path.join(os.fsencode(root), b"%061d" % number))  # longer than any name that was drawn
        else:
            os.unlink(path)
    (root / "extra_").mkdir(exist_ok=True)


@pytest.fixture(scope="module")
def server(database_server: MariaDbServer) -> MariaDbServer:
    if database_server.process is None:
        database_server.start()
    return database_server


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(civicrm=tables(), drupal=tables(), sites=files, private=files)
def test_whatever_was_backed_up_comes_back(
    server: MariaDbServer,
    civicrm: list[RandomTable],
    drupal: list[RandomTable],
    sites: dict[bytes, tuple[bytes | int, int]],
    private: dict[bytes, tuple[bytes | int, int]],
) -> None:
    server.reset(password=PASSWORD)
    workspace = Workspace(ParishDatabases(server=server, user="exploitant", password=PASSWORD))
    try:
        fill_database(server, "civicrm", civicrm, definer="exploitant")
        fill_database(server, "drupal", drupal, definer="exploitant")
        fill_tree(workspace.files, sites)
        fill_tree(workspace.private, private)
        before = observe_state(workspace)
        made = workspace.make_backup()
        damage(server, workspace.files, civicrm)
        outcome = workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul")
        assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
        assert observe_state(workspace) == before
    finally:
        workspace.remove()
