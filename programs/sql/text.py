"""Reading the text of a dump as it passes: sections of databases, objects, exact row counts, the trailer.

Fed with lines (or pieces of very long lines). What the client would take for data or for the body of a trigger is
never taken for structure: text within DELIMITER blocks is split as the client splits it, and rows are counted
outside of quoted strings. Formats: mysqldump 8.0 to 9.x, mariadb-dump 10.11 (read from their own output).
"""

import re
from dataclasses import dataclass, field

from programs.run.failures import ProgramError
from programs.sql.foreign import find_foreign_end
from programs.sql.quotes import RowCounter

HEADER = ""  # before the first database
TRAILER = "\0trailer"  # after the last one
HEAD_MAX_BYTES = 1024 * 1024
BLOCK_MAX_BYTES = 64 * 1024 * 1024

_NAME = rb"`((?:[^`]|``)*)`(?!`)"
_MARKER = re.compile(rb"-- Current Database: `([A-Za-z0-9_]+)`\r?\n?")
_TRAILER = re.compile(rb"/\*!40103 SET TIME_ZONE=@OLD_TIME_ZONE \*/;\r?\n?")
_COMPLETED = re.compile(rb"-- Dump completed on \d{4}-\d\d-\d\d [ \d]\d:\d\d:\d\d\r?\n?")
_COLUMNS = rb"(?: \((?:[^`()]|`(?:[^`]|``)*`)*\))?"
_INSERT = re.compile(rb"INSERT INTO " + _NAME + _COLUMNS + rb" VALUES(?: |\r?\n)", re.S)
_TABLE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?" + _NAME, re.S)
_SEQUENCE = re.compile(rb"CREATE SEQUENCE (?:IF NOT EXISTS )?" + _NAME, re.S)
_VIEW = re.compile(rb"/\*!50001 (?:JSON RELATIONAL DUALITY )?VIEW " + _NAME, re.S)  # the longer one: MySQL 9.4
_QUALIFIER = rb"(?:`(?:[^`]|``)*`\.)?"
_TRIGGER = re.compile(rb"/\*!50032 DROP TRIGGER IF EXISTS " + _QUALIFIER + _NAME, re.S)
_UNQUOTED_TRIGGER = re.compile(rb"/\*!50032 DROP TRIGGER IF EXISTS [^`]")  # MySQL; its CREATE tells the name
# MySQL writes its name in full; MariaDB as it was typed once, so there the DROP before it tells the name.
_CREATE_TRIGGER = re.compile(
    rb"/\*!50003 CREATE(?:\*/ /\*!50017)? DEFINER=" + _NAME + rb"@" + _NAME + rb"(?:\*/ /\*!50003)? TRIGGER " + _NAME,
    re.S,
)
_EVENT = re.compile(rb"/\*!50106 DROP EVENT IF EXISTS " + _NAME, re.S)
_ROUTINE = re.compile(rb"/\*!50003 DROP (FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE) IF EXISTS " + _NAME, re.S)
_HEADS = (
    (b"CREATE TABLE ", _TABLE, "tables"),
    (b"CREATE SEQUENCE ", _SEQUENCE, "sequences"),
    (b"/*!50001 VIEW ", _VIEW, "views"),
    (b"/*!50001 JSON RELATIONAL DUALITY VIEW ", _VIEW, "views"),
    (b"/*!50032 DROP TRIGGER ", _TRIGGER, "triggers"),
    (b"/*!50106 DROP EVENT ", _EVENT, "events"),
    (b"/*!50003 DROP ", _ROUTINE, "routines"),
)
_IN_BLOCK = {"triggers", "events", "routines"}
_SQL_MODE = re.compile(rb"SET sql_mode\s*=\s*'([^']*)'", re.I)
_QUOTED = rb"'(?:[^'\\]++|\\.)*+'|\"(?:[^\"\\]++|\\.)*+\"|`[^`]*+`"
_QUOTED_PLAIN = rb"'[^']*+'|\"[^\"]*+\"|`[^`]*+`"
_COMMENT = rb"|--(?=\s)[^\n]*+(?:\n|\Z)|#[^\n]*+(?:\n|\Z)|/\*(?!!|M!).*?\*/"
_OPEN = re.compile(rb"['\"`]|/\*(?!!|M!)", re.S)
_TOKENS = re.compile(_QUOTED + _COMMENT, re.S)
_TOKENS_PLAIN = re.compile(_QUOTED_PLAIN + _COMMENT, re.S)
# The second event and the next are dropped inside of the first one's DELIMITER block (mariadb-dump 10.11).
_DROP_EVENT = rb"/\*!50106 DROP EVENT IF EXISTS `((?:[^`]|``)*)` \*/ ?;;|"
_DROPS = re.compile(_DROP_EVENT + _QUOTED + _COMMENT, re.S)
_DROPS_PLAIN = re.compile(_DROP_EVENT + _QUOTED_PLAIN + _COMMENT, re.S)


def is_neutral(text: bytes, *, backslash_escapes: bool) -> bool:
    """Tell whether the text ends outside of strings and comments, as the client reads it."""
    tokens = _TOKENS if backslash_escapes else _TOKENS_PLAIN
    end = find_foreign_end(text)
    return end is not None and not _OPEN.search(tokens.sub(b" ", text[end:]))


def parse_name(quoted: bytes) -> str:
    """The name between backquotes."""
    return quoted.replace(b"``", b"`").decode(errors="surrogateescape")


@dataclass
class SeenObjects:
    """What a dump holds of one database. `tables`: name to number of rows."""

    tables: dict[str, int] = field(default_factory=dict)
    views: set[str] = field(default_factory=set)
    triggers: set[str] = field(default_factory=set)
    routines: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    sequences: set[str] = field(default_factory=set)
    longest_insert: int = 0  # bytes
    definitions: dict[str, list[bytes]] = field(default_factory=dict)  # of tables: the lines after the first


class DumpScanner:
    """Reads a dump. `section` says where the piece just fed belongs: HEADER, TRAILER or a database's name."""

    def __init__(self, databases: tuple[str, ...]) -> None:
        self.section = HEADER
        self.seen = {name: SeenObjects() for name in databases}
        self.completed = False
        self._line_starts = True
        self._head = b""
        self._block: list[bytes] | None = None
        self._block_bytes = 0
        self._pending: tuple[str, str] | None = None
        self._escapes = True
        self._table: str | None = None
        self._counter: RowCounter | None = None
        self._insert_bytes = 0
        self._last = b""
        self.row_table: str | None = None  # whose rows the piece just fed holds
        self._definition: list[bytes] | None = None
        self._row_per_line = False  # MariaDB puts a newline after VALUES, and each row on a line of its own

    def feed(self, piece: bytes) -> None:
        """Take in a line, or a piece of one. Raise ProgramError dump_malformed."""
        starts, self._line_starts = self._line_starts, piece.endswith(b"\n")
        self.row_table = self._table
        if self._definition is not None:
            self._feed_definition(piece)
        elif self._block is not None:
            self._feed_block(piece, starts=starts)
        elif self._table is not None:
            self._feed_rows(piece, starts=starts)
        elif self._head:
            self._feed_head(self._head + piece)
        elif starts:
            self._feed_line(piece)

    def take_rows(self, text: bytes, position: int) -> int:
        """Take in the whole rows that follow, each on a line of its own, but for the last of a statement.

        Return where they end: ``position`` when there are none. They are told by their ends, without looking into
        their strings, which hold no raw newline."""
        if self._counter is None or not self._row_per_line or not self._line_starts:
            return position
        last = text.find(b");\n", position)
        end = text.rfind(b"\n", position, last if last >= 0 else len(text)) + 1
        if end <= position or text[position : position + 1] != b"(":
            return position
        number = text.count(b"\n", position, end)
        if text.count(b"),\n(", position, end) != number - 1:
            number, end = 1, text.find(b"\n", position) + 1  # one by one, up to the line that is no row
        if text[end - 3 : end] != b"),\n":
            return position
        self._insert_bytes += end - position
        self._counter.add_rows(number)
        self.row_table = self._table
        return end

    def _feed_line(self, line: bytes) -> None:
        if line.startswith((b"INSERT INTO ", b"CREATE ", b"/*!5")):
            self._feed_head(line)
        elif line.startswith(b"DELIMITER ;;"):
            self._block, self._block_bytes = [], 0
        elif match := _MARKER.fullmatch(line):
            self._enter(match[1].decode())
        elif _TRAILER.fullmatch(line):
            self.section = TRAILER
        elif self.section == TRAILER and line.startswith(b"-- Dump completed"):
            self.completed = _COMPLETED.fullmatch(line) is not None
        elif self.completed and line.strip():
            raise make_dump_error("there is text after its trailer")

    def _enter(self, name: str) -> None:
        if name not in self.seen:
            raise make_dump_error(f"it holds another database: {name}")
        if self.section == TRAILER:
            raise make_dump_error("there is a database after its trailer")
        self.section = name

    def _feed_head(self, line: bytes) -> None:
        """The first line of a statement that names an object; the name may hold a newline."""
        self._head = b""
        if line.startswith(b"INSERT INTO "):
            self._begin_rows(line)
            return
        if match := _SQL_MODE.search(line):
            self._escapes = b"NO_BACKSLASH_ESCAPES" not in match[1].upper()
        for start, pattern, kind in _HEADS:
            if line.startswith(start):
                if match := pattern.match(line):
                    words = [part for part in match.groups() if part is not None]
                    name = parse_name(words[-1])
                    self._register(kind, f"{words[0].decode()} {name}" if kind == "routines" else name)
                    if line.endswith(b";\n"):
                        self._definition = None
                elif kind != "routines" and not _UNQUOTED_TRIGGER.match(line):
                    self._keep_head(line)
                return

    def _keep_head(self, line: bytes) -> None:
        if len(line) > HEAD_MAX_BYTES:
            raise make_dump_error("a statement has no name")
        self._head = line

    def _register(self, kind: str, name: str) -> None:
        seen = self.seen.get(self.section)
        if seen is None:
            raise make_dump_error("there is an object outside of a database")
        if kind in _IN_BLOCK:
            self._pending = (kind, name)
        elif kind == "tables":
            if name in seen.tables:
                raise make_dump_error(f"table {name} is there twice")
            seen.tables[name] = 0
            self._definition = seen.definitions.setdefault(name, [])
        else:
            getattr(seen, kind).add(name)

    def _feed_definition(self, line: bytes) -> None:
        """A line of CREATE TABLE after its first one, up to the semicolon at the end of a line."""
        assert self._definition is not None
        self._definition.append(line)
        if line.endswith((b";\n", b";\r\n")):
            self._definition = None

    def _feed_block(self, piece: bytes, *, starts: bool) -> None:
        assert self._block is not None
        if starts and piece.rstrip(b"\r\n") == b"DELIMITER ;":
            text = b"".join(self._block)
            if is_neutral(text, backslash_escapes=self._escapes):
                self._register_block(text)
                self._block, self._pending = None, None
                return
        if match := _SQL_MODE.search(piece):
            if piece.startswith(b"/*!50003 SET sql_mode"):
                self._escapes = b"NO_BACKSLASH_ESCAPES" not in match[1].upper()
        self._block.append(piece)
        self._block_bytes += len(piece)
        if self._block_bytes > BLOCK_MAX_BYTES:
            raise make_dump_error("a DELIMITER block does not end")

    def _register_block(self, text: bytes) -> None:
        """The object that was announced before the block, and the events that are announced in it."""
        trigger = _CREATE_TRIGGER.match(text)
        first = ("triggers", parse_name(trigger[3])) if trigger and not self._pending else self._pending
        objects, start = [first], 0
        bodies = []
        for drop in (_DROPS if self._escapes else _DROPS_PLAIN).finditer(text):
            if drop[1] is not None:
                bodies.append(text[start : drop.start()])
                objects.append(("events", parse_name(drop[1])))
                start = drop.end()
        bodies.append(text[start:])
        for item, body in zip(objects, bodies, strict=True):
            if item is not None and re.search(rb"\bCREATE\b", body, re.I):
                getattr(self.seen[self.section], item[0]).add(item[1])

    def _begin_rows(self, line: bytes) -> None:
        match = _INSERT.match(line)
        if not match:
            self._keep_head(line)
            return
        name = parse_name(match[1])
        seen = self.seen.get(self.section)
        if seen is None or name not in seen.tables:
            raise make_dump_error(f"there are rows of an unknown table {name}")
        self._table = self.row_table = name
        self._counter = RowCounter()
        self._row_per_line = match[0].endswith(b"\n")
        self._insert_bytes = len(match[0])
        self._feed_rows(line[match.end() :], starts=False)

    def _feed_rows(self, piece: bytes, *, starts: bool) -> None:
        """Rows of one INSERT: it ends at the end of a line that ends with `);` (no raw newline in strings)."""
        assert self._table is not None and self._counter is not None
        if starts and not piece.startswith(b"("):
            raise make_dump_error(f"the rows of table {self._table} are cut")
        self._counter.feed(piece)
        self._insert_bytes += len(piece)
        self._last = (self._last + piece[-3:])[-3:]
        if self._last == b");\n":
            if not self._counter.whole:
                raise make_dump_error(f"the rows of table {self._table} are not whole")
            seen = self.seen[self.section]
            seen.tables[self._table] += self._counter.rows
            seen.longest_insert = max(seen.longest_insert, self._insert_bytes)
            self._table, self._counter, self._last = None, None, b""


def make_dump_error(what: str) -> ProgramError:
    """The error of a dump that is not what a dump must be."""
    hint = "run the backup again; if it fails again, report it with the log"
    return ProgramError("dump_malformed", f"the dump is not usable: {what}", hint=hint)
