"""The words of one statement, as each server reads them: strings, names, words and marks, without blanks and comments.

A part for some versions only, as ``/*!80023 INVISIBLE */``, is read by some servers and is a comment to the others: the
statement has as many readings as there are sorts of servers, and a judge has to look at all of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

FLAGS = re.IGNORECASE | re.DOTALL
# Executed by every server: MariaDB leaves out 50700 to 99999, which are versions of MySQL only.
ALWAYS = rb"/\*!(?:[34]\d{4}|50[0-6]\d\d)?(?!\d)"
MOST_READINGS = 12
MARIADB_SKIPS = range(50700, 100000)


class NotRead(Exception):
    """Text that cannot be read with certainty: `reason` says why, in words for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Token:
    """``kind``: string, name (in quotes), word or mark. ``text``: as written, in capitals for a word."""

    kind: str
    text: bytes
    start: int
    end: int
    raw: bytes

    @property
    def name(self) -> str | None:
        """The identifier it may be, without quotes; None for what cannot be one."""
        if self.kind == "word":
            return self.raw.decode(errors="surrogateescape")
        return unquote(self.raw) if self.kind == "name" else None


def unquote(text: bytes) -> str:
    """An identifier or a literal without its quotes, doubled ones made single."""
    quote = text[:1]
    return text[1:-1].replace(quote * 2, quote).decode(errors="surrogateescape")


def make_pattern(*, escapes: bool, ansi: bool) -> re.Pattern[bytes]:
    """One token or one stretch that is none, by the SQL mode."""
    inside = rb"(?:[^%b\\]++|\\.|%b%b)*+" if escapes else rb"(?:[^%b]++|%b%b)*+"
    single, double = (mark + inside.replace(b"%b", mark) + mark for mark in (b"'", b'"'))
    strings = single if ansi else single + b"|" + double
    names = rb"`(?:[^`]++|``)*+`" + (rb'|"(?:[^"]++|"")*+"' if ansi else b"")
    return re.compile(
        rb"(?P<blank>\s++|--(?=[\x00-\x20\x7f]|\Z)[^\n]*+|\#[^\n]*+|/\*(?!M?!|\+).*?\*/)"
        rb"|(?P<open>" + ALWAYS + rb")|(?P<close>\*/)"
        rb"|(?P<some>/\*(?P<maria>M?)!(?P<version>\d{5,6})(?!\d)(?P<part>(?:[^'`\"\\;*/\#\-]++|-(?!-)|/(?!\*)|\*(?!/)"
        rb"|'[^'\\;*]*+'|\"[^\"\\;*]*+\"|`[^`\\;*]*+`)*+)\*/)"
        rb"|(?P<hint>/\*\+[^'`\"\\*/;\#]*+\*/)"
        rb"|(?P<string>" + strings + rb")|(?P<name>" + names + rb")"
        rb"|(?P<word>[\w$\x80-\xff]++)|(?P<mark>[(),.;:=@*+\-<>!&|^~%?{}\[\]]|/(?!\*))",
        FLAGS,
    )


PATTERNS = {
    (escapes, ansi): make_pattern(escapes=escapes, ansi=ansi) for escapes in (True, False) for ansi in (True, False)
}
Piece = Token | tuple[bool, int, list["Piece"]]  # a token, or (MariaDB alone, version, what is for it)


def list_readings(text: bytes, *, escapes: bool, ansi: bool) -> list[list[Token]]:
    """Every way in which a server may read the statement, mostly one. Raise NotRead."""
    pieces = list(read_pieces(text, PATTERNS[escapes, ansi], 0, len(text)))
    conditions = {(piece[0], piece[1]) for piece in pieces if isinstance(piece, tuple)}
    if not conditions:
        return [[piece for piece in pieces if isinstance(piece, Token)]]
    versions = [0, *sorted({version for _, version in conditions})]
    executed = {frozenset(c for c in conditions if is_executed(*c, maria=m, server=v))
                for v in versions for m in (True, False)}  # fmt: skip
    if len(executed) > MOST_READINGS:
        raise NotRead("it has text for too many versions")
    return [list(select_tokens(pieces, parts)) for parts in sorted(executed, key=len)]


def is_executed(only_maria: bool, version: int, *, maria: bool, server: int) -> bool:
    """Tell whether a server of this version reads a part for ``version``."""
    if version > server or (only_maria and not maria):
        return False
    return only_maria or not maria or version not in MARIADB_SKIPS


def select_tokens(pieces: list[Piece], executed: frozenset[tuple[bool, int]]) -> Iterator[Token]:
    """The tokens outside of parts for some versions, and those of the parts that are executed."""
    for piece in pieces:
        if isinstance(piece, Token):
            yield piece
        elif (piece[0], piece[1]) in executed:
            yield from select_tokens(piece[2], executed)


def read_pieces(text: bytes, pattern: re.Pattern[bytes], position: int, end: int) -> Iterator[Piece]:
    """Cut the text into pieces. Raise NotRead."""
    opened = 0
    while position < end:
        found = pattern.match(text, position, end)
        if found is None:
            raise NotRead(explain(text[position : position + 4]))
        kind = str(found.lastgroup)
        if found["some"] is not None:
            part = list(read_pieces(text, pattern, found.start("part"), found.end("part")))
            yield (found["maria"] != b"", int(found["version"]), part)
        elif kind == "open":
            opened += 1
        elif kind == "close":
            opened -= 1
            if opened < 0:
                raise NotRead("a comment ends in it that did not begin")
        elif kind not in ("blank", "hint"):
            raw = found[0]
            yield Token(kind, raw.upper() if kind == "word" else raw, position, found.end(), raw)
        position = found.end()
    if opened:
        raise NotRead("a comment begins in it that does not end")


def explain(text: bytes) -> str:
    """Why the text that begins so is no token."""
    if text.startswith((b"'", b'"', b"`")):
        return "a string or a name in it does not end"
    if text.startswith(b"\\"):
        return "it has a command of the client (a backslash outside of any string)"
    if text.startswith(b"/*"):
        return "it has text for some versions only, which the others would read in another way"
    if text.startswith(b"-"):
        return "it has a comment that begins with a control character"
    return f"it has a character that no statement has ({text[:1]!r})"
