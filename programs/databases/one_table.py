"""One table of a set: loaded under a throwaway name, compared with the live rows, put in place or beside.

Nothing live is touched before the table lies whole beside it, with the manifest's rows and values, and it is
known which rows would name rows that are not there.
"""

import dataclasses
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from programs.archive.stored import StoredReader, check_measures
from programs.databases.client import Client, quote_name, quote_text
from programs.databases.foreign_keys import count_orphans, list_foreign_keys
from programs.databases.inventory import observe_inventory, observe_row_counts
from programs.databases.load import Loader
from programs.databases.scratch import PREFIX, remove_scratch
from programs.databases.snapshot import observe_checksums
from programs.databases.table_load import Sender
from programs.databases.trial_text import hide_part
from programs.run.failures import ProgramError
from programs.run.streams import CHUNK_BYTES
from programs.sets.manifest import Artifact, Table, get_measures
from programs.sql.names import quote, read_tokens
from programs.sql.statements import Part, StatementReader

OF_TABLES = ("DROP TABLE", "CREATE TABLE", "ALTER TABLE", "rows", "keys")
SCRATCH_NUMBER = 0
SCRATCH = f"{PREFIX}{SCRATCH_NUMBER}"
INTO = re.compile(rb"\A(INSERT\s+(?:IGNORE\s+)?INTO )`((?:[^`]|``)+)`")


@dataclass(frozen=True)
class BrokenKey:
    """A foreign key of which `rows` rows would name rows that are not there."""

    table: str
    name: str
    referenced: str
    rows: int


class OneTable:
    """A table of a set and the server. ``artifact``: the dump that holds it; ``table``: its name there; ``everywhere``:
    a client that sees all of the instance's databases."""

    def __init__(self, loader: Loader, artifact: Artifact, table: str, *, everywhere: Client) -> None:
        self.loader, self.client = loader, loader.client
        self.artifact, self.table, self._everywhere = artifact, table, everywhere
        self.database = str(artifact.database)

    @property
    def expected(self) -> Table:
        """What the manifest says of it."""
        return self.loader.manifest.databases[self.database].tables[self.table]

    def make_scratch(self) -> str:
        """Load the table under a throwaway name, without its foreign keys and triggers, and compare it with the
        manifest; return that name. Raise ProgramError. The caller removes it (``remove_scratch``)."""
        remove_scratch(self.client)
        self._load(hidden=True)
        self._compare(SCRATCH)
        return SCRATCH

    def put_beside(self, scratch: str, name: str) -> None:
        """Let the table stand beside the live one as ``name``, without foreign keys and triggers, which would act on
        the site. Raise ProgramError (``table_exists``)."""
        inventory = observe_inventory(self.client)[self.database]
        taken = {other.casefold() for other in (*inventory.tables, *inventory.views, *inventory.sequences)}
        if name.casefold() in taken:
            message = f"there is already a {name} in {self.database}"
            raise ProgramError("table_exists", message, hint="choose another name", params={"table": name})
        self.client.run(f"RENAME TABLE {self._name(scratch)} TO {self._name(name)};")

    def replace(self) -> None:
        """Drop the live table, make it as the set has it with its triggers, compare. Raise ProgramError."""
        self._load(hidden=False)
        self._compare(self.table)

    def list_broken_keys(self, scratch: str) -> list[BrokenKey]:
        """Which rows would name rows that are not there, once the table is the set's: rows of other tables, and its
        own."""
        own, everywhere = self._name(scratch), self._everywhere
        is_ours = (self.database, self.table)
        broken = []
        for key in list_foreign_keys(everywhere):
            referenced = (key.referenced_database, key.referenced_table)
            child = own if (key.database, key.table) == is_ours else ""
            parent = own if referenced == is_ours else ""
            if own in (child, parent) and (rows := count_orphans(everywhere, key, child=child, parent=parent)):
                broken.append(BrokenKey(f"{key.database}.{key.table}", key.name, ".".join(referenced), rows))
        return broken

    def list_changed_columns(self, scratch: str) -> list[str]:
        """The columns whose definition is another in the live table: the site's code may need the live one."""
        live, stored = self._list_columns(self.table), self._list_columns(scratch)
        return sorted(name for name in {*live, *stored} if live.get(name) != stored.get(name)) if live else []

    def _load(self, *, hidden: bool) -> None:
        path = self.loader.set_dir / self.artifact.name
        with StoredReader(path, codec=self.loader.manifest.codec) as reader:
            stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
            with self.loader.connect(self.database) as connection:
                sender = Sender(connection, account=self.loader.account)
                parts = self._select(StatementReader(stream, database=self.database))
                for part in hide_table(parts) if hidden else parts:
                    sender.send(part)
                self.loader.definers |= sender.definers
            check_measures(self.artifact.name, found=reader.finish(), expected=get_measures(self.artifact))

    def _select(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The statements about the table, in their order."""
        rows_of, begins = "", True
        for part in parts:
            kind = part.verdict.kind
            if kind == "rows":
                # Rows come in pieces, of which the first alone has the name.
                rows_of = find_rows_table(part) if begins else rows_of
                begins = part.last
            if part.section > 1:
                continue
            if kind in OF_TABLES and self.table == (rows_of if kind == "rows" else part.verdict.name):
                yield part
            elif kind == "CREATE TRIGGER" and find_trigger_table(part) == self.table:
                yield part

    def _compare(self, table: str) -> None:
        """Raise ProgramError unless what is called so in the live database holds the manifest's rows and values."""
        live = observe_inventory(self.client)[self.database]
        versioned = {table} & live.versioned
        where = f"{self.database}.{self.table}"
        if self.expected.checksum is None or versioned:
            counts = observe_row_counts(self.client, self.database, live, [table])
            if counts[table] != self.expected.rows:
                raise make_rows_error(where, found=counts[table], expected=self.expected.rows)
        only = dataclasses.replace(live, tables={table: live.tables[table]}, versioned=versioned)
        found = observe_checksums(self.client, self.loader.vendor, {self.database: only})
        checksum = found.get(self.database, {}).get(table)
        if self.expected.checksum is not None and checksum != self.expected.checksum:
            message = f"{where}: its values are not those of the manifest"
            raise ProgramError("restore_differs", message, hint="see the log", params={"what": "values"})

    def _list_columns(self, table: str) -> dict[str, str]:
        """Columns of a table with type, nullability and what else the server says."""
        where = f"TABLE_SCHEMA = {quote_text(self.database)} AND TABLE_NAME = {quote_text(table)}"
        asked = ("COLUMN_NAME", "CONCAT_WS(' ', COLUMN_TYPE, IS_NULLABLE, EXTRA)")
        rest = f"FROM information_schema.COLUMNS WHERE {where}"
        return {str(name): str(facts) for name, facts in self.client.query(asked, rest)}

    def _name(self, table: str) -> str:
        return f"{quote_name(self.database)}.{quote_name(table)}"


def hide_table(parts: Iterable[Part]) -> Iterator[Part]:
    """The statements that make the table and its rows, about one of a throwaway name."""
    begins = True
    for part in parts:
        kind = part.verdict.kind
        if kind == "CREATE TABLE":
            yield hide_part(part, SCRATCH_NUMBER, {}) or part
        elif kind == "ALTER TABLE":
            raise ProgramError(
                "part_refused",
                f"line {part.line}: the table is changed after it was made",
                hint="restore the whole database",
            )
        elif kind == "rows":
            text = INTO.sub(lambda found: found[1] + quote(SCRATCH), part.text, count=1) if begins else part.text
            yield dataclasses.replace(part, text=text)
            begins = part.last


def find_rows_table(part: Part) -> str:
    """The table of an INSERT, by its first piece."""
    found = INTO.match(part.text)
    return found[2].replace(b"``", b"`").decode(errors="surrogateescape") if found else part.verdict.name


def find_trigger_table(part: Part) -> str:
    """The table that a CREATE TRIGGER is about: the name after its first ON."""
    tokens = read_tokens(part.text, part.values)
    begin = next(place for place, token in enumerate(tokens) if token.kind == "word" and token.text == b"TRIGGER")
    place = next(
        place for place in range(begin, len(tokens)) if tokens[place].kind == "word" and tokens[place].text == b"ON"
    )
    return tokens[place + 1].name or ""


def make_rows_error(where: str, *, found: int, expected: int) -> ProgramError:
    """The error of a table that has other rows than the manifest says."""
    message = f"{where}: rows: {found}, but {expected} in the manifest"
    return ProgramError("restore_differs", message, hint="see the log", params={"what": "rows", "database": where})
