"""The rows of an INSERT are literals and nothing else: numbers, strings, hexadecimal, NULL, as dump programs write.

Judged by shape: with digits made one and strings taken out, the many rows of a table have few shapes, so that most of
the work is done by few passes over the whole text.
"""

import re

from programs.sql.tokens import NotRead

INSERT = re.compile(rb"INSERT\s+(?:IGNORE\s+)?INTO `(?:[^`]|``)+`(?: \((?:[, \w]|`(?:[^`]|``)+`)*\))? VALUES\s+")
DIGITS = bytes.maketrans(b"123456789", b"000000000")
NUMBER = rb"-?(?:0(?:\.0?)?|\.0)(?:e[+-]?0)?"
VALUE = rb"(?:" + NUMBER + rb"|'|NULL|_binary '|[bBxX]')"
SHAPE = re.compile(VALUE + rb"(?:," + VALUE + rb")*+")
HEXADECIMAL = re.compile(rb"(?<=[(, ])0[xX][0-9A-Fa-f]*+(?=[,)])")
BINARY = re.compile(rb"(?<=[(,])_binary 0(?=[,)])")
MOST_SHAPES = 4096  # kept for the next statements
# The slow way, for what comes in several pieces: the longest thing that may begin here.
LITERAL = re.compile(
    rb"(?:-?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?|NULL|(?:_binary )?0[xX][0-9A-Fa-f]*+)(?=[,)])"
)
BEFORE_STRING = re.compile(rb"(?:_binary |[bBxX])?'")
INSIDE = re.compile(rb"(?:[^'\\]++|\\.|'')*+", re.DOTALL)
HEX_INSIDE = re.compile(rb"[0-9A-Fa-f]*+")
HEX_START = re.compile(rb"(?:_binary )?0[xX]")
LONGEST_TOKEN = 400  # bytes of a number; strings and hexadecimal are read in parts


class RowsJudge:
    """Takes the text after VALUES, whole or in pieces. `rows`: how many began. Raise NotRead for what is no literal."""

    def __init__(self) -> None:
        self.rows = 0
        self._known: set[bytes] = set()
        self._rest, self._state = b"", "row"

    def feed(self, piece: bytes, *, last: bool) -> bool:
        """Take in the next bytes, the last ones before a semicolon or not. Return whether the rows end there:
        False when the semicolon stands in a string."""
        if self._state == "row" and not self._rest and last and self._judge_shapes(piece):
            return True
        self._rest += piece
        self._walk(last=last)
        if not last or self._state == "string":
            return False
        if self._rest or self._state != "end of row":
            raise NotRead("its rows are not whole")
        self._state = "row"
        return True

    def _judge_shapes(self, text: bytes) -> bool:
        """Tell whether these are whole rows, the fast way; False when only the slow way can tell."""
        if b"\\" in text:
            text = text.replace(b"\\\\", b"..").replace(b"\\'", b"..")
        parts = text.split(b"'")
        outside = b"'".join(parts[::2])
        if len(parts) % 2 == 0 or outside[:1] != b"(" or outside[-1:] != b")":
            return False
        if b"0x" in outside or b"0X" in outside:
            outside = HEXADECIMAL.sub(b"0", outside)
        outside = outside.translate(DIGITS).replace(b"0000", b"0")
        for _ in range(3):
            outside = outside.replace(b"00", b"0")
        if b"_binary 0" in outside:
            outside = BINARY.sub(b"0", outside)
        while b"00" in outside:
            outside = outside.replace(b"00", b"0")
        separator = b"),\n(" if b"),\n(" in outside else b"),("
        rows = outside[1:-1].split(separator)
        new = set(rows) - self._known
        if not all(SHAPE.fullmatch(row) for row in new):
            return False
        if len(self._known) < MOST_SHAPES:
            self._known |= new
        self.rows += len(rows)
        return True

    def _walk(self, *, last: bool) -> None:
        """The slow way, token by token; what may go on in the next piece is kept."""
        text, position, size = self._rest, 0, len(self._rest)
        while position < size:
            step = self._step(text, position, whole=last or size - position > LONGEST_TOKEN)
            if step < 0:
                break
            position = step
        self._rest = text[position:]

    def _step(self, text: bytes, position: int, *, whole: bool) -> int:
        """Read one thing; return where it ends, -1 when more text is needed to tell."""
        byte = text[position : position + 1]
        if self._state == "string":
            return self._read_string(text, position, whole=whole)
        if self._state == "hex":
            end = HEX_INSIDE.match(text, position).end()  # type: ignore[union-attr]
            self._state = "after" if end < len(text) else "hex"
            return end
        if self._state == "row":
            if byte.isspace():
                return position + 1
            return self._expect(byte == b"(", position, "value", row=True)
        if self._state == "after":
            return self._expect(byte in (b",", b")"), position, "value" if byte == b"," else "end of row")
        if self._state == "end of row":
            return self._expect(byte == b",", position, "row")
        return self._read_value(text, position, whole=whole)

    def _expect(self, found: bool, position: int, state: str, *, row: bool = False) -> int:
        if not found:
            raise NotRead("a row of it holds more than literals")
        self._state = state
        self.rows += row
        return position + 1

    def _read_string(self, text: bytes, position: int, *, whole: bool) -> int:
        end = INSIDE.match(text, position).end()  # type: ignore[union-attr]
        if text[end : end + 1] == b"'" and (end + 1 < len(text) or whole):
            self._state = "after"
            return end + 1
        return end if end > position else -1

    def _read_value(self, text: bytes, position: int, *, whole: bool) -> int:
        if string := BEFORE_STRING.match(text, position):
            self._state = "string"
            return string.end()
        if literal := LITERAL.match(text, position):
            self._state = "after"
            return literal.end()
        start = HEX_START.match(text, position)
        if start and HEX_INSIDE.match(text, start.end()).end() == len(text):  # type: ignore[union-attr]
            self._state = "hex"
            return start.end()
        if not whole:
            return -1
        raise NotRead("a row of it holds more than literals")
