"""A dump cut into its statements, each judged: what a restore sends, one by one, and what a backup and a check look at.

Text between statements (blanks, comments, DELIMITER lines) stays behind. A statement ends at its delimiter outside of
strings, names and comments; the server, which is given each by itself, takes one statement and no more. SET statements
are not given on: their effect is in ``values`` of each part (programs/sql/settings.py). Rows come in pieces when they
are long. Memory: some MiB, and the longest statement that is not rows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from programs.run.failures import ProgramError
from programs.sql.foreign import HEAD_BYTES, find_foreign_end
from programs.sql.judge import Verdict, judge_statement
from programs.sql.reading import Refused
from programs.sql.refusals import make_sql_refusal, name_object
from programs.sql.rows import INSERT, RowsJudge
from programs.sql.settings import Session
from programs.sql.tokens import NotRead

CHUNK_BYTES = 1 << 20
LOOKAHEAD_BYTES = 1 << 14  # holds the head of any statement: names have 64 characters, accounts 32 + 255
PIECE_BYTES = 4 << 20  # longer rows come in pieces
STATEMENT_MAX_BYTES = 32 << 20  # of one that is not rows
MOST_REFUSALS = 1000
SPACE = re.compile(rb"\s+")
SANDBOX_LINE = re.compile(rb"/\*M?!999999\\- enable the sandbox mode \*/[^\n]*\n")
LINE_COMMENT = re.compile(rb"#|--(?=[\x00-\x20\x7f]|\Z)")
BLOCK_COMMENT = re.compile(rb"/\*(?!M?!|\+)")
DATABASE_MARK = re.compile(rb"-- Current Database: `((?:[^`\n]|``)+)`")
DELIMITER = re.compile(rb"DELIMITER[ \t]+(\S+)[ \t]*\r?(?=\n|\Z)", re.IGNORECASE)


def make_code_pattern(*, escapes: bool, ansi: bool) -> re.Pattern[bytes]:
    """Ordinary text, whole strings, names and comments; it stops before a semicolon and what does not end."""
    inside = rb"(?:[^%b\\]++|\\.)*+" if escapes else rb"[^%b]*+"
    quoted = [mark + inside.replace(b"%b", mark) + mark for mark in ((b"'",) if ansi else (b"'", b'"'))]
    quoted += [rb"`[^`]*+`", *([rb'"[^"]*+"'] if ansi else [])]
    comments = rb"--[\x00-\x20\x7f][^\n]*+\n|\#[^\n]*+\n|/\*(?!M?!|\+).*?\*/"
    plain = rb"[^'\"`;\-\#/*]++|-(?!-[\x00-\x20\x7f])|/(?!\*)|/(?=\*M?!|\*\+)|\*"
    return re.compile(rb"(?:" + plain + b"|" + b"|".join(quoted) + b"|" + comments + rb")*+", re.DOTALL)


CODE = {
    (escapes, ansi): make_code_pattern(escapes=escapes, ansi=ansi)
    for escapes in (True, False)
    for ansi in (True, False)
}


class Readable(Protocol):
    """What gives the text of a dump."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; b"" at their end."""


@dataclass
class Part:
    """A statement, or a piece of one (``last`` says whether it ends it), without its delimiter.

    ``section``: 0 before the first "Current Database" mark, 1 the tables and the rest, 2 after the second mark (the
    final views, which may need another database's tables). ``values``: the settings it is to be run with."""

    text: bytes
    verdict: Verdict
    section: int
    line: int
    values: dict[bytes, bytes]
    last: bool = True


class Unread(RowsJudge):
    """Takes the rest of rows that are refused, up to the next end of a line after a semicolon."""

    def feed(self, piece: bytes, *, last: bool) -> bool:  # noqa: ARG002 - as its parent
        """Nothing is judged any more."""
        return last


class StatementReader:
    """Iterate to get the parts of one database's file. ``longest``: what the server must take in one packet.

    ``refusals`` None: raise ProgramError for what no dump of ``database`` holds; a list: it takes these errors, and
    what they are about is left out. ``engines``: of the tables that were read; ``letters``: character set and
    collation of the database, as it says them."""

    def __init__(self, stream: Readable, *, database: str, refusals: list[ProgramError] | None = None) -> None:
        self.longest, self.letters = 0, ""
        self.engines: dict[str, str] = {}
        self._stream, self._database, self._refusals = stream, database, refusals
        self._buffer, self._position, self._line, self._ended = b"", 0, 1, False
        self._delimiter, self._section, self._is_foreign = b";", 0, False
        self._session, self._rows = Session(), RowsJudge()

    def __iter__(self) -> Iterator[Part]:
        self._fill(LOOKAHEAD_BYTES)
        if sandbox := SANDBOX_LINE.match(self._buffer):
            self._take(sandbox.end())
        while self._fill(LOOKAHEAD_BYTES):
            if self._skip_between():
                continue
            insert = INSERT.match(self._buffer, self._position) if self._delimiter == b";" else None
            if insert and self._session.escapes:
                yield from self._read_rows(insert)
            else:
                yield from self._read_statement()

    def _fill(self, size: int) -> bool:
        """Have so many bytes at hand unless the text ends; False at the very end."""
        missing = size - (len(self._buffer) - self._position)
        if missing > 0 and not self._ended:
            chunks = [self._buffer[self._position :]]
            while missing > 0 and not self._ended:
                chunks.append(self._stream.read(max(missing, CHUNK_BYTES)))
                missing -= len(chunks[-1])
                self._ended = not chunks[-1]
            self._buffer, self._position = b"".join(chunks), 0
        return self._position < len(self._buffer)

    def _take(self, end: int) -> bytes:
        text = self._buffer[self._position : end]
        self._position = end
        self._line += text.count(b"\n")
        return text

    def _refuse(self, refused: Refused, line: int, *, thing: str = "") -> None:
        """Raise the error, or keep it."""
        error = make_sql_refusal(self._database, line, refused, thing=thing)
        if self._refusals is None or len(self._refusals) >= MOST_REFUSALS:
            raise error
        self._refusals.append(error)

    def _stop(self, reason: str) -> ProgramError:
        """The error after which nothing can be read on."""
        return make_sql_refusal(self._database, self._line, Refused(reason, hostile=True))

    def _skip_between(self) -> bool:
        """Take what stands between statements, if anything does: blanks, comments, the delimiter, DELIMITER lines."""
        buffer, position = self._buffer, self._position
        if space := SPACE.match(buffer, position):
            self._take(space.end())
        elif buffer.startswith(self._delimiter, position):
            self._take(position + len(self._delimiter))
        elif buffer.startswith(b";", position):
            self._take(position + 1)
        elif LINE_COMMENT.match(buffer, position):
            self._read_mark()
            self._skip_to(b"\n")
        elif BLOCK_COMMENT.match(buffer, position):
            self._take(position + 2)
            self._skip_to(b"*/")
        elif command := DELIMITER.match(buffer, position):
            if command[1] not in (b";", b";;"):
                raise self._stop("it sets a delimiter that dumps do not use")
            self._delimiter = command[1]
            self._take(command.end())
        else:
            return False
        return True

    def _read_mark(self) -> None:
        mark = DATABASE_MARK.match(self._buffer, self._position)
        if mark:
            if mark[1].replace(b"``", b"`").decode(errors="replace") != self._database:
                raise self._stop("it goes on with another database")
            self._section = min(self._section + 1, 2)

    def _skip_to(self, mark: bytes) -> None:
        """Take everything up to the mark, and the mark; what ends a line may also be the end."""
        while (found := self._buffer.find(mark, self._position)) < 0:
            if self._ended:
                if mark != b"\n":
                    raise self._stop("it ends in the middle of a comment")
                self._take(len(self._buffer))
                return
            self._take(max(self._position, len(self._buffer) - len(mark) + 1))
            self._fill(LOOKAHEAD_BYTES)
        self._take(found + len(mark))

    def _read_rows(self, insert: re.Match[bytes]) -> Iterator[Part]:
        """An INSERT: its rows end with a semicolon at the end of a line, outside of strings."""
        line, values, refused = self._line, dict(self._session.values), None
        verdict = Verdict("rows", name_object(insert[0]).removeprefix("table "))
        head, size, ends = insert.end() - self._position, 0, False
        while not ends:
            text, last = self._cut_rows(self._position + head)
            try:
                ends = self._rows.feed(text[head:], last=last)
                if last and not ends:
                    self._rows.feed(b";\n", last=False)
                    text += b";\n"
            except NotRead as error:
                refused, ends = Refused(error.reason, hostile=True), last
                self._rows = RowsJudge() if last else Unread()
            head, size = 0, size + len(text)
            if refused is None:
                yield Part(text, verdict, self._section, line, values, last=ends)
        self.longest = max(self.longest, size)
        if refused is not None:
            self._rows = RowsJudge()
            self._refuse(refused, line, thing=f"table {verdict.name}")

    def _cut_rows(self, start: int) -> tuple[bytes, bool]:
        """Take the next piece of an INSERT, and whether its end may be here: a semicolon at the end of a line."""
        offset = start - self._position
        while True:
            found = self._buffer.find(b";\n", self._position + offset)
            size = len(self._buffer) - self._position
            if found >= 0 or self._ended or size >= PIECE_BYTES:
                break
            offset = max(offset, size - 1)
            self._fill(size + CHUNK_BYTES)
        if found >= 0:
            text = self._take(found)
            self._take(found + 2)
            return text, True
        if self._ended:
            if not self._buffer.endswith(b";") or size < 2:
                raise self._stop("it ends in the middle of a statement")
            text = self._take(len(self._buffer) - 1)
            self._take(len(self._buffer))
            return text, True
        return self._take(len(self._buffer) - (1 if self._buffer.endswith(b";") else 0)), False

    def _read_statement(self) -> Iterator[Part]:
        """Any other statement: found whole, then judged."""
        line, text = self._line, self._find_statement()
        self.longest = max(self.longest, len(text))
        text = text.rstrip()
        if self._is_foreign:
            head = text.partition(b"$")[0]
            self._refuse(Refused("its body is in another language than SQL"), line, thing=name_object(head))
            return
        try:
            verdict = judge_statement(text, database=self._database, session=self._session)
        except Refused as refused:
            self._refuse(refused, line, thing=name_object(text))
            return
        if verdict.kind == "CREATE TABLE":
            self.engines[verdict.name] = verdict.detail
        elif verdict.kind == "CREATE DATABASE":
            self.letters = verdict.detail
        if verdict.kind not in ("set", "nothing"):
            yield Part(text, verdict, self._section, line, dict(self._session.values))

    def _find_statement(self) -> bytes:
        """Take a statement and its delimiter; return it."""
        pattern, place = CODE[self._session.escapes, self._session.ansi], self._pass_foreign()
        while True:
            found = pattern.match(self._buffer, self._position + place)
            end = found.end() if found else self._position + place
            # Not within some bytes of the end of what was read: a mark may go on there.
            if len(self._buffer) - end > len(self._delimiter) or self._ended:
                if self._buffer.startswith(self._delimiter, end):
                    text = self._take(end)
                    self._position += len(self._delimiter)
                    return text
                if self._buffer.startswith(b";", end):
                    place = end + 1 - self._position
                    continue
                if self._ended:
                    what = "statement" if end == len(self._buffer) else "string or a comment"
                    raise self._stop(f"it ends in the middle of a {what}")
            size = len(self._buffer) - self._position
            if size > STATEMENT_MAX_BYTES:
                raise self._stop("a statement of it does not end")
            self._fill(size + max(CHUNK_BYTES, size))

    def _pass_foreign(self) -> int:
        """Return how much of the statement is head and body in another language, which hides the delimiter."""
        self._is_foreign = False
        if self._delimiter != b";;":
            return 0
        self._fill(HEAD_BYTES)
        while (end := find_foreign_end(self._buffer, self._position)) is None:
            size = len(self._buffer) - self._position
            if self._ended or size > STATEMENT_MAX_BYTES:
                raise self._stop("it ends in the middle of a body in another language")
            self._fill(2 * size)
        self._is_foreign = end > 0
        return max(0, end - self._position)


def judge_statements(stream: Readable, *, database: str, refusals: list[ProgramError] | None = None) -> StatementReader:
    """Read a dump to its end, change nothing, return its reader, which knows its longest statement and its engines.

    Raise ProgramError (``hostile_sql``, ``sql_not_understood``) for what a restore would refuse; or, when a list of
    ``refusals`` is given, add these errors to it and read on."""
    reader = StatementReader(stream, database=database, refusals=refusals)
    for _ in reader:
        pass
    return reader
