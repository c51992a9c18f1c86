"""One dump into one file per database, with what the dump program rounds exchanged for what the server holds."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from programs.archive.stored import StoredWriter
from programs.databases.client import quote_name
from programs.run.streams import CHUNK_BYTES, Measures
from programs.sql.text import HEADER, TRAILER, parse_name

BUFFER_BYTES = 512 * 1024
_TABLE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?`((?:[^`]|``)+)` \(\r?\n")
_DEFAULT = re.compile(rb" DEFAULT (?:'(?:[^'\\]|\\.|'')*'|[-+.\w]+)")


class Corrections:
    """What replaces the text of a dump, by database and table. ``longest``: bytes of the longest statement put in."""

    def __init__(self, rows: Mapping[str, Mapping[str, Path]], defaults: Mapping[str, Mapping[str, dict[str, str]]]):
        """`rows`: files of INSERT statements; `defaults`: SQL of the default by column."""
        self.longest: dict[str, int] = {}
        self._rows, self._defaults = rows, defaults
        self._done: set[tuple[str, str]] = set()
        self._columns: dict[bytes, bytes] = {}

    def replace_rows(self, database: str, table: str, piece: bytes) -> Iterator[bytes]:
        """The piece itself; or, once, all exact rows of its table."""
        path = self._rows.get(database, {}).get(table)
        if path is None:
            yield piece
        elif (database, table) not in self._done:
            self._done.add((database, table))
            statement = 0
            with path.open("rb") as file:
                for line in file:
                    statement = len(line) if line.startswith(b"INSERT INTO ") else statement + len(line)
                    self.longest[database] = max(self.longest.get(database, 0), statement)
                file.seek(0)
                while text := file.read(CHUNK_BYTES):
                    yield text

    def correct_definition(self, database: str, line: bytes) -> bytes:
        """A line of a CREATE TABLE statement, with the exact default of its column. Fed with every line."""
        defaults = self._defaults.get(database)
        if not defaults:
            return line
        if match := _TABLE.match(line):
            columns = defaults.get(parse_name(match[1]), {})
            self._columns = {f"  {quote_name(name)} ".encode(): value.encode() for name, value in columns.items()}
        elif line.startswith(b")"):
            self._columns = {}
        for name, value in self._columns.items():
            if line.startswith(name):
                match = _DEFAULT.search(line)
                return line[: match.start()] + b" DEFAULT " + value + line[match.end() :] if match else line
        return line


class Splitter:
    """Sends each line of the dump to the files it belongs to; the header and the trailer go to all."""

    def __init__(self, writers: Mapping[str, StoredWriter]) -> None:
        self._writers = writers
        self._buffers: dict[str, list[bytes]] = {name: [] for name in writers}
        self._sizes = dict.fromkeys(writers, 0)
        self.corrections = Corrections({}, {})

    def add(self, piece: bytes, *, section: str, table: str | None = None) -> None:
        """A piece of the section; ``table``: the one whose rows it holds."""
        if section in (HEADER, TRAILER):
            for name in self._writers:
                self._append(name, piece)
        elif table is None:
            self._append(section, self.corrections.correct_definition(section, piece))
        else:
            for text in self.corrections.replace_rows(section, table, piece):
                self._append(section, text)

    def _append(self, name: str, piece: bytes) -> None:
        self._buffers[name].append(piece)
        self._sizes[name] += len(piece)
        if self._sizes[name] >= BUFFER_BYTES:
            self._flush(name)

    def _flush(self, name: str) -> None:
        if self._buffers[name]:
            self._writers[name].write(b"".join(self._buffers[name]))
            self._buffers[name].clear()
            self._sizes[name] = 0

    def finish(self) -> dict[str, Measures]:
        """End all files; measures by database."""
        for name in self._writers:
            self._flush(name)
        return {name: writer.finish() for name, writer in self._writers.items()}
