"""What stands outside of the strings of SQL, found in a few passes over the whole text: dumps are mostly strings.

A backslash escapes inside of strings (no NO_BACKSLASH_ESCAPES). A doubled quote ends a string and begins the next.
"""

from functools import cache

QUOTE = b"'"
ESCAPED = b"\\."  # as long as what it replaces: bytes.replace is fastest so


@cache
def make_deletion(marks: bytes) -> bytes:
    """All bytes but the marks and the quote."""
    return bytes(code for code in range(256) if code not in marks + QUOTE)


def select_outside(text: bytes, *, marks: bytes, inside: bool) -> tuple[bytes, bool]:
    """Return the bytes of ``marks`` that stand outside of strings, in order, and whether the text ends inside of one.

    ``inside``: whether it begins inside of one. It must not be cut between a backslash and what it escapes.
    """
    if b"\\" in text:
        text = text.replace(b"\\\\", ESCAPED).replace(b"\\'", ESCAPED)
    reduced = (QUOTE if inside else b"") + text.translate(None, make_deletion(marks))
    # Two quotes with no mark between them leave the inside inside and the outside outside.
    parts = reduced.replace(QUOTE + QUOTE, b"").split(QUOTE)
    return b"".join(parts[::2]), len(parts) % 2 == 0


def count_trailing_backslashes(text: bytes) -> int:
    """How many backslashes end the text: an odd number cuts an escape."""
    return len(text) - len(text.rstrip(b"\\"))


class RowCounter:
    """Counts the rows of VALUES lists given in pieces, whatever their strings contain."""

    def __init__(self) -> None:
        self.rows = 0
        self._ended_rows = 0
        self._in_string = False
        self._cut = b""  # the backslash whose escape goes on in the next piece

    @property
    def whole(self) -> bool:
        """Whether each row that began has ended, outside of strings."""
        return not self._in_string and self.rows == self._ended_rows

    def add_rows(self, number: int) -> None:
        """Whole rows, told from outside."""
        self.rows += number
        self._ended_rows += number

    def feed(self, piece: bytes) -> None:
        """Take in the next bytes of the statement."""
        text = self._cut + piece
        self._cut = b"\\" * (count_trailing_backslashes(text) % 2)
        if self._cut:
            text = text[:-1]
        outside, self._in_string = select_outside(text, marks=b"()", inside=self._in_string)
        self.rows += outside.count(b"(")
        self._ended_rows += outside.count(b")")
