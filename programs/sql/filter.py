"""Let a dump through to the client, and nothing else: a streaming filter for the files of a set.

The client and the server obey more than a dump holds: commands that run programs or read files, statements
about accounts, settings or other databases. This filter follows the text as the client does (strings,
comments, delimiter) and refuses those; the client is also told to ignore its commands (programs/databases/load.py).
It changes two things. The DEFINER of a view, trigger, routine or event that is not the loading account
becomes that account, in the head of the statement only, never in data or in a body. Comments between statements stay
behind: MariaDB's client, when it keeps comments, sees no DELIMITER after one. Memory: one chunk.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from programs.run.failures import ProgramError
from programs.sql.heads import ROWS, check_head, is_compound, make_definer_change, make_sql_refusal
from programs.sql.quotes import select_outside
from programs.sql.settings import ALWAYS, Session

CHUNK_BYTES = 1 << 20
LOOKAHEAD_BYTES = 1 << 14  # holds the head of any statement: names have 64 characters, accounts 32 + 255
SPACE = re.compile(rb"\s+")
# MariaDB's first line makes its client refuse commands; MySQL's client does not know it. We pass --sandbox.
SANDBOX_LINE = re.compile(rb"/\*M?!999999\\- enable the sandbox mode \*/[^\n]*\n")
LINE_COMMENT = re.compile(rb"#|--(?=\s|\Z)")
NO_COMMENT = re.compile(rb"--[\x00-\x1f\x7f]")  # the server takes it for one, the client does not
BLOCK_COMMENT = re.compile(rb"/\*(?!M?!|\+)")
EXECUTED = re.compile(rb"/\*!" + ALWAYS)
# Text for some versions only, or hints: a comment up to the first mark to some servers, code to others. It has to be
# the same for both: no quote, comment or semicolon may be open in it.
NEUTRAL = re.compile(
    rb"/\*(?:\+|M?!\d{5,6}(?!\d))(?:[^'`\"\\;*/#\-]|-(?!-)|/(?!\*)|'[^'\\;*]*'|`[^`\\;*]*`)*+\*/", re.DOTALL
)
DATABASE_MARK = re.compile(rb"-- Current Database: `((?:[^`\n]|``)+)`")
DELIMITER = re.compile(rb"DELIMITER[ \t]+(\S+)[ \t]*\r?(?=\n|\Z)", re.IGNORECASE)
EVENTS_BEGIN = b"/*!50106 SET @save_time_zone= @@TIME_ZONE */"  # both vendors, around all events of a database
EVENTS_END = b"/*!50106 SET TIME_ZONE= @save_time_zone */"
EVENTS_SECTION = 3
QUOTES = (b"'", b'"', b"`")
STRETCH_BYTES = 1 << 12  # shorter ones are not worth several passes
CAREFUL = b';"`\\#/*'  # outside of strings, each of these needs to be looked at


def make_code_pattern(*, escapes: bool, ansi: bool) -> re.Pattern[bytes]:
    """Ordinary text and whole strings in one step of the engine, since dumps are mostly that.

    It stops before a string that does not end in the chunk, a comment, a semicolon and a backslash; with ``ansi``
    before every double quote.
    """
    string = rb"(?:[^%b\\]++|\\.)*+" if escapes else rb"[^%b]*+"
    strings = b"|".join(quote + string.replace(b"%b", quote) + quote for quote in QUOTES[: 1 if ansi else 2])
    plain = rb"[^'\"`\\#/\-*;]++|-(?=[^-])|/(?=[^*])|\*(?=[^/])|`[^`]*+`"
    return re.compile(rb"(?:%b|%b)*+" % (plain, strings), re.DOTALL)


def make_string_pattern(quote: bytes, *, escapes: bool) -> re.Pattern[bytes]:
    """The inside of a string, up to its closing quote, or to the end of the chunk."""
    inside = rb"(?:[^%b\\]++|\\.)*+" if escapes and quote != b"`" else rb"[^%b]*+"
    return re.compile(inside.replace(b"%b", quote), re.DOTALL)


CODE = {
    (escapes, ansi): make_code_pattern(escapes=escapes, ansi=ansi)
    for escapes in (True, False)
    for ansi in (True, False)
}
ANSI_NAME = re.compile(rb'"[^"\\]*"')
STRING = {
    (quote, escapes): make_string_pattern(quote, escapes=escapes) for quote in QUOTES for escapes in (True, False)
}


class Readable(Protocol):
    """What gives the text of a dump."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; b"" at their end."""


class SqlFilter:
    """Iterate to get (section, bytes) of one database's file, fit for the client.

    Sections: 0 what precedes the first "Current Database" mark, 1 the tables and the rest, 2 what follows the
    second mark (the final views, which may need another database's tables), 3 the events. ``definers``: those replaced;
    ``longest_statement``: what the server must take in one packet.
    Raise ProgramError (``hostile_sql``) for what a dump of ``database`` does not hold.
    """

    def __init__(self, stream: Readable, *, database: str, account: str) -> None:
        self.definers: set[str] = set()
        self._stream = stream
        self._database, self._account = database, account
        self._buffer, self._position, self._line = b"", 0, 1
        self._ended = False
        self._delimiter = b";"
        self._session = Session()
        self._compound = False  # semicolons may stand in the statement
        self._section = 0
        self._in_events = self._events_end = False
        self._in_statement = False
        self.longest_statement = 0  # bytes, as the client sends it
        self._taken = self._begun = self._careful_until = 0  # bytes of the whole text
        self._inside = b""  # the quote of the string, or b"\n" and b"*/", the end of the comment, we are in

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        self._fill()
        sandbox = SANDBOX_LINE.match(self._buffer)
        if sandbox:
            self._take(sandbox.end())
        while self._fill():
            if self._inside and self._in_statement:
                text = self._read_stretch() or self._read_inside()
            elif self._inside:
                text = b"\n" * self._read_inside().count(b"\n")  # the client's line numbers stay those of the file
            elif self._in_statement:
                text = self._read_stretch() or self._read_code()
            else:
                text = self._read_between()
            yield EVENTS_SECTION if self._in_events else self._section, text
        if self._in_statement or self._inside not in (b"", b"\n"):
            raise self._refuse("it ends in the middle of a statement")

    def _fill(self) -> bool:
        """Have the lookahead at hand unless the text ends; False at the very end."""
        while not self._ended and len(self._buffer) - self._position < LOOKAHEAD_BYTES:
            chunk = self._stream.read(CHUNK_BYTES)
            self._ended = not chunk
            self._buffer = self._buffer[self._position :] + chunk
            self._position = 0
        return self._position < len(self._buffer)

    def _take(self, end: int) -> bytes:
        text = self._buffer[self._position : end]
        self._taken += len(text)
        self._position = end
        self._line += text.count(b"\n")
        return text

    def _refuse(self, reason: str) -> ProgramError:
        return make_sql_refusal(self._database, self._line, reason)

    def _read_stretch(self) -> bytes:
        """Take a long stretch that is harmless but for what its '…' strings hold: rows are mostly that.

        Nothing when it is not; then it is not tried again before the end of that stretch.
        """
        if self._inside not in (b"", b"'") or self._delimiter != b";" or not self._session.escapes:
            return b""
        if self._taken < self._careful_until:
            return b""
        end = self._buffer.find(b";\n", self._position)
        # Not cut within an escape or the start of a comment: what may be one is left for later.
        text = self._buffer[self._position : end if end >= 0 else len(self._buffer)].rstrip(b"\\-/*")
        if len(text) < STRETCH_BYTES:
            return b""
        plain = text.replace(b"--", b"#") if b"--" in text else text
        outside, ends_inside = select_outside(plain, marks=CAREFUL, inside=self._inside == b"'")
        if outside:
            self._careful_until = self._taken + len(text)
            return b""
        self._inside = b"'" if ends_inside else b""
        return self._take(self._position + len(text))

    def _read_inside(self) -> bytes:
        """Go on in a string or comment, up to its end or that of the chunk."""
        end_mark = self._inside
        if end_mark in QUOTES:
            match = STRING[end_mark, self._session.escapes].match(self._buffer, self._position)
            end = match.end() if match else self._position
        else:
            found = self._buffer.find(end_mark, self._position)
            end = found if found >= 0 else len(self._buffer) - (0 if self._ended else len(end_mark) - 1)
        if self._buffer.startswith(end_mark, end):
            self._inside = b""
            end += len(end_mark)
        elif end == self._position and self._ended:
            raise self._refuse("it ends in the middle of a string")
        return self._take(end)

    def _read_between(self) -> bytes:
        """Go on between statements: blanks, comments, the delimiter, or the start of a statement."""
        buffer, position = self._buffer, self._position
        space = SPACE.match(buffer, position)
        if space:
            return self._take(space.end())
        if buffer.startswith(self._delimiter, position):
            return self._take(position + len(self._delimiter))
        if self._read_comment():
            return b""
        command = DELIMITER.match(buffer, position)
        if command:
            if command[1] not in (b";", b";;"):
                raise self._refuse("it sets a delimiter that dumps do not use")
            self._delimiter = command[1]
            return self._take(command.end())
        if buffer.startswith(EVENTS_BEGIN, position):
            self._in_events, self._events_end = True, False
        elif self._events_end:
            self._in_events = False
        self._events_end = self._in_events and buffer.startswith(EVENTS_END, position)
        rows = ROWS.match(buffer, position)
        self._in_statement, self._compound, self._begun = True, False, self._taken
        return self._take(rows.end()) if rows else self._begin_statement()

    def _begin_statement(self) -> bytes:
        """Judge a statement by its beginning: at first up to the next semicolon, which may be inside of a name."""
        buffer, position = self._buffer, self._position
        whole = buffer[position : position + LOOKAHEAD_BYTES]
        head = whole[: whole.find(b";") + 1] or whole
        if check_head(head, database=self._database, session=self._session) is not None:
            head = whole
            reason = check_head(head, database=self._database, session=self._session)
            if reason is not None:
                raise self._refuse(reason)
        if self._delimiter != b";":
            self._compound = is_compound(whole, oracle=self._session.oracle)
        change = make_definer_change(head, account=self._account)
        if change is None:
            return b""
        self.definers.add(change.definer)
        return self._take(position + change.start) + self._skip(change.end - change.start)

    def _skip(self, size: int) -> bytes:
        self._take(self._position + size)
        return b"CURRENT_USER"

    def _read_comment(self) -> bytes:
        """Take the start of a comment, if one is here; the rest follows as the inside of it."""
        buffer, position = self._buffer, self._position
        line = LINE_COMMENT.match(buffer, position)
        if line:
            mark = None if self._in_statement else DATABASE_MARK.match(buffer, position)
            if mark:
                if mark[1].replace(b"``", b"`").decode(errors="replace") != self._database:
                    raise self._refuse("it goes on with another database")
                self._section = min(self._section + 1, 2)
                self._in_events = False
            self._inside = b"\n"
            return self._take(line.end())
        block = BLOCK_COMMENT.match(buffer, position)
        if block:
            self._inside = b"*/"
            return self._take(block.end())
        return b""

    def _read_code(self) -> bytes:
        """Go on in a statement, up to its delimiter or the next thing that needs care."""
        buffer, position = self._buffer, self._position
        match = CODE[self._session.escapes, self._session.ansi].match(buffer, position)
        if match and match.end() > position:
            return self._take(match.end())
        if buffer.startswith(self._delimiter, position):
            self._in_statement = False
            self.longest_statement = max(self.longest_statement, self._taken - self._begun)
            return self._take(position + len(self._delimiter))
        comment = self._read_comment()
        if comment:
            return comment
        return self._read_mark(buffer[position : position + 1])

    def _read_mark(self, character: bytes) -> bytes:
        """Take what is neither ordinary text nor the beginning of a comment."""
        buffer, position = self._buffer, self._position
        if character == b"\\":
            raise self._refuse("it has a command of the client (a backslash outside of any string)")
        if character == b";" and not self._compound:
            raise self._refuse("it is several statements at once")
        if NO_COMMENT.match(buffer, position):
            raise self._refuse("it has a comment that begins with a control character")
        if character == b'"' and self._session.ansi:
            name = ANSI_NAME.match(buffer, position, position + LOOKAHEAD_BYTES)
            if name is None:
                raise self._refuse("it has a name with a backslash, or one that does not end")
            return self._take(name.end())
        if character in QUOTES:
            self._inside = character
        elif buffer.startswith((b"/*!", b"/*M!", b"/*+"), position):
            limit = position + LOOKAHEAD_BYTES
            mark = EXECUTED.match(buffer, position, limit) or NEUTRAL.match(buffer, position, limit)
            if mark is None:
                raise self._refuse("it has text for some versions only, which the others would read in another way")
            return self._take(mark.end())
        return self._take(position + (2 if buffer.startswith(b"*/", position) else 1))


def judge_statements(stream: Readable, *, database: str) -> int:
    """Read a dump, change nothing, return the bytes of its longest statement. Raise ProgramError (``hostile_sql``)."""
    lines = SqlFilter(stream, database=database, account="")
    for _ in lines:
        pass
    return lines.longest_statement
