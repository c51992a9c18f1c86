"""Names within a statement of a dump: what it needs, and the same statement about databases of other names."""

from collections.abc import Iterable, Mapping, Sequence

from programs.sql.settings import Session
from programs.sql.tokens import Token, list_readings

Needed = tuple[str, str]  # database and name
# In a view a name that follows one of these is of a table or view, or of its database.
BEFORE_TABLES = (b"FROM", b"JOIN", b"(", b",")


def read_tokens(text: bytes, values: Mapping[bytes, bytes]) -> list[Token]:
    """The tokens of a statement that was judged already, those for some versions only included. ``values``: the
    settings it is to be run with."""
    session = Session(dict(values))
    return max(list_readings(text, escapes=session.escapes, ansi=session.ansi), key=len)


def replace_spans(text: bytes, spans: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The text with other bytes in these places, which do not overlap."""
    parts, position = [], 0
    for start, end, new in sorted(spans):
        parts += [text[position:start], new]
        position = end
    return b"".join([*parts, text[position:]])


def quote(name: str) -> bytes:
    """An identifier between backquotes."""
    return b"`" + name.replace("`", "``").encode(errors="surrogateescape") + b"`"


def list_needs(tokens: Sequence[Token], database: str) -> set[Needed]:
    """Tables and views that the statement of a view may name, and perhaps some that it does not."""
    needs: set[Needed] = set()
    for place, token in enumerate(tokens):
        if token.kind != "name" or token.name is None or place == 0 or tokens[place - 1].text not in BEFORE_TABLES:
            continue
        if place + 2 < len(tokens) and tokens[place + 1].text == b".":
            needs.add((token.name, tokens[place + 2].name or ""))
        needs.add((database, token.name))
    return needs


def list_outside(tokens: Sequence[Token]) -> set[Needed]:
    """What a view certainly needs under the name of a database."""
    return {
        (token.name or "", tokens[place + 2].name or "")
        for place, token in enumerate(tokens)
        if place and token.kind == "name" and leads(tokens, place) and tokens[place - 1].text in (b"FROM", b"JOIN")
    }


def move_databases(tokens: Sequence[Token], moved: Mapping[str, str]) -> list[tuple[int, int, bytes]]:
    """Where the names of these databases stand before a point, with the names that they are to have.

    A table may be called as a database: then only what certainly names the database is moved."""
    bare = {token.name for place, token in enumerate(tokens) if token.name in moved and not leads(tokens, place)}
    spans = []
    for place, token in enumerate(tokens):
        if token.name is None or token.name not in moved or not leads(tokens, place):
            continue
        before = tokens[place - 1].text if place else b""
        if before == b".":
            continue
        if token.name in bare and before not in (b"FROM", b"JOIN") and not leads(tokens, place + 2):
            continue
        spans.append((token.start, token.end, quote(moved[token.name])))
    return spans


def leads(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether a point follows the token, and a name the point."""
    return place + 2 < len(tokens) and tokens[place + 1].text == b"." and tokens[place + 2].name is not None
