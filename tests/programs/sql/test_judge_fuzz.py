"""Whatever passes the judge, of dumps that were altered at random, changes nothing outside of its own database."""

import io
import os
import random
import re

from programs.databases.connection import Connection
from programs.databases.table_load import Sender
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from programs.sql.statements import Part, StatementReader
from tests.programs.forgery import read_plain
from tests.programs.parish import make_parish
from tests.programs.workspace import Workspace
from tests.servers import MariaDbServer

ROUNDS = int(os.environ.get("RANDOM_POINTS", "6")) * 4
FRAGMENTS = (
    b"'", b'"', b"`", b"\\", b";", b";;", b"\n", b";\n", b"/*", b"*/", b"/*!", b"/*!99999 ", b"/*M!100000 ", b"--"
    b" ", b"#", b"(", b")",
    b",", b"@x:=", b"NULL", b"\0", b"\xff", b"DELIMITER ;;\n", b"DELIMITER ;\n", b"END", b"BEGIN ", b"; DROP"
    b" DATABASE canary; ",
    b";\nDROP DATABASE canary;\n", b";;\nDROP TABLE canary.t;;\n", b"; SET PASSWORD=PASSWORD('x'); ", b" DATA"
    b" DIRECTORY='/tmp' ",
    b";\nSET GLOBAL general_log=1;\n", b";\nGRANT ALL ON *.* TO x@y;\n", b" INTO OUTFILE '/tmp/cp-fuzz' ", b"canary.t",
    b";\nSET sql_mode='ANSI_QUOTES';\n", b";\nSET sql_mode='NO_BACKSLASH_ESCAPES';\n", b";\nSET NAMES latin1;\n",
    b"ENGINE=CSV ", b";\nUSE canary;\n", b"CREATE OR REPLACE TABLE canary.t (i int);\n",
)  # fmt: skip
LOOKS = (
    "SELECT User, Host, Priv FROM mysql.global_priv ORDER BY 1, 2",
    "SELECT * FROM mysql.db ORDER BY 1, 2, 3",
    "SHOW DATABASES",
    "SELECT * FROM canary.t",
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('canary', 'drupal',"
    " 'civilog')",
    "SELECT VARIABLE_NAME, GLOBAL_VALUE FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME NOT LIKE 'gtid%'"
    " AND VARIABLE_NAME <> 'timestamp' ORDER BY 1",
    "SELECT name, dl FROM mysql.func",
)


def observe(server: MariaDbServer) -> list[object]:
    """Everything of a server that no restore of one database may change."""
    entries = sorted(path.name for path in server.datadir.iterdir() if path.is_dir())
    return [entries, *(server.execute(look) for look in LOOKS)]


def alter(text: bytes, chance: random.Random) -> bytes:
    """The dump with some places cut, doubled, swapped or put in."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.randint(0, 60))
        middle = chance.choice(
            (chance.choice(FRAGMENTS), chance.choice(FRAGMENTS) + text[start:end], b"", text[start:end] * 2,
             text[end : end + 30] + text[start:end])
        )  # fmt: skip
        text = text[:start] + middle + text[end:]
    return text


STRING = re.compile(rb"'(?:[^'\\]|\\.|'')*+'", re.DOTALL)


def alter_harmlessly(text: bytes, chance: random.Random) -> bytes:
    """The dump with blank lines and comments between some of its statements: still a dump of the same data."""
    ends = [end for end in range(2, len(text)) if text[end - 2 : end] == b";\n"]
    # Inside a string of a trigger's body the apostrophe of a note would end the string.
    strings = [found.span() for found in STRING.finditer(text)]
    ends = [end for end in ends if not any(begin < end < after for begin, after in strings)]
    for end in sorted(chance.sample(ends, min(3, len(ends))), reverse=True):
        added = chance.choice((b"\n", b"--\n", b"-- a person's note; not more\n", b"\n\n-- `x` /* y\n"))
        text = text[:end] + added + text[end:]
    return text


def load(parts: list[Part], access: ServerAccess) -> bool:
    """Load as a restore does; tell whether the server took all."""
    try:
        with Connection(access, database="civicrm") as connection:
            sender = Sender(connection, account="exploitant@%")
            for part in parts:
                sender.send(part)
    except ProgramError:
        return False
    return True


def test_what_passes_changes_nothing_elsewhere(empty_workspace: Workspace) -> None:
    databases = empty_workspace.databases
    assert databases is not None
    server = databases.server
    make_parish(server, contacts=3)
    plain = read_plain(empty_workspace.make_backup(SCOPE="database"), "civicrm.sql.gz")
    server.execute("CREATE DATABASE canary", "CREATE TABLE canary.t (i INT)", "INSERT INTO canary.t VALUES (1)")
    access = ServerAccess(server.host, server.port, databases.user, databases.password, databases.names)
    seed = int(os.environ.get("RANDOM_SEED", "1"))  # another one each time: make test-long
    print(f"RANDOM_SEED={seed}")  # noqa: T201 - repeats the run
    chance = random.Random(seed)
    try:
        before = observe(server)
        for number in range(ROUNDS):
            is_harmless = number % 4 == 0
            text = alter_harmlessly(plain, chance) if is_harmless else alter(plain, chance)
            refusals: list[ProgramError] = []
            try:
                parts = list(StatementReader(io.BytesIO(text), database="civicrm", refusals=refusals))
            except ProgramError:
                assert not is_harmless, text
                continue
            # What is refused is left out here, so that the rest is tried, too: harsher than a restore.
            server.execute("DROP DATABASE IF EXISTS civicrm", "CREATE DATABASE civicrm")
            is_loaded = load(parts, access)
            assert observe(server) == before
            # One round in four is whole whatever the seed: else a judge that refuses everything would pass.
            assert not is_harmless or (not refusals and is_loaded), (refusals, text)
    finally:
        server.execute("DROP DATABASE canary")
