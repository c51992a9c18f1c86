"""Statements of a dump made ready to be tried: about databases, or an object, of throwaway names, without effect."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from programs.databases.scratch import PREFIX
from programs.sql.names import leads, move_databases, quote, read_tokens, replace_spans
from programs.sql.statements import Part
from programs.sql.tokens import Token

Span = tuple[int, int, bytes]
SORTS = (b"TABLE", b"VIEW", b"SEQUENCE", b"TRIGGER", b"EVENT", b"FUNCTION", b"PROCEDURE", b"BODY", b"PACKAGE")
ROUTINES = ("FUNCTION", "PROCEDURE", "PACKAGE", "PACKAGE BODY")
SWITCHES = (b"ENABLE", b"DISABLE")


def move_part(part: Part, moved: Mapping[str, str], *, database: str) -> Part:
    """The statement about databases of other names; an event is switched off. The bodies of programs stay: a server
    looks for what they name when they run, which these never do."""
    tokens = read_tokens(part.text, part.values)
    kind = part.verdict.kind
    if kind == "ALTER DATABASE":
        name = next(token for token in tokens if token.kind == "name" and token.name == database)
        return with_spans(part, [(name.start, name.end, quote(moved[database]))])
    head = tokens[: find_head_end(tokens, kind)]
    spans = move_databases(head, moved)
    return with_spans(part, spans + (list(switch_off(head)) if kind == "CREATE EVENT" else []))


def hide_part(part: Part, number: int, hidden: Mapping[str, str]) -> Part | None:
    """The statement about an object of a throwaway name beside the live ones; ``hidden``: those of tables. None for a
    trigger whose table is not there."""
    tokens = read_tokens(part.text, part.values)
    kind = part.verdict.kind
    first, last = find_name(tokens)
    spans: list[Span] = [(first.start, last.end, quote(f"{PREFIX}{number}"))]
    if kind == "CREATE TABLE":
        spans += list_left_out(tokens)
    elif kind == "CREATE EVENT":
        spans += switch_off(tokens[: find_head_end(tokens, kind)])
    elif kind == "CREATE TRIGGER":
        place = next(place for place, token in enumerate(tokens) if token.text == b"ON" and token.start > last.end)
        end = place + 3 if leads(tokens, place + 1) else place + 1
        table = hidden.get(tokens[end].name or "")
        if table is None:
            return None
        spans.append((tokens[place + 1].start, tokens[end].end, quote(table)))
        # Its place among the triggers of its table is given by another one's name.
        follows = [p for p, token in enumerate(tokens) if token.text in (b"FOLLOWS", b"PRECEDES")][:1]
        if follows and tokens[follows[0] - 1].text == b"ROW":
            spans.append((tokens[follows[0]].start, tokens[follows[0] + 1].end, b""))
    return with_spans(part, spans)


def with_spans(part: Part, spans: Sequence[Span]) -> Part:
    """The statement with other text in these places, all of them behind its definer."""
    return dataclasses.replace(part, text=replace_spans(part.text, spans))


def find_name(tokens: Sequence[Token]) -> tuple[Token, Token]:
    """The first and the last token of the name of the object that is made."""
    place = next(place for place, token in enumerate(tokens) if token.kind == "word" and token.text in SORTS) + 1
    while tokens[place].kind == "word" and tokens[place].text in (b"BODY", b"IF", b"NOT", b"EXISTS"):
        place += 1
    return tokens[place], tokens[place + 2] if leads(tokens, place) else tokens[place]


def find_head_end(tokens: Sequence[Token], kind: str) -> int:
    """Where the body of a program begins; the end, for what has none."""
    if kind in ("CREATE TRIGGER", "CREATE EVENT"):
        word = b"DO" if kind == "CREATE EVENT" else b"ROW"
        return next((place for place, token in enumerate(tokens) if token.kind == "word" and token.text == word), 0)
    if kind.removeprefix("CREATE ") in ROUTINES:
        return tokens.index(find_name(tokens)[1]) + 1
    return len(tokens)


def switch_off(head: Sequence[Token]) -> Iterator[Span]:
    """What makes an event one that does not run; ``head``: what stands before its DO."""
    for token in head:
        if token.kind == "word" and token.text in SWITCHES:
            yield token.start, token.end, b"DISABLE"
            return
    last = next((token.start for token in head if token.kind == "word" and token.text == b"COMMENT"), head[-1].end)
    yield last, last, b" DISABLE "


def list_left_out(tokens: Sequence[Token]) -> list[Span]:
    """The foreign keys of a table, and the names of its checks: another table of the database has them already."""
    spans: list[Span] = []
    begin = next((place for place, token in enumerate(tokens) if token.text == b"(" and token.kind == "mark"), 0)
    depth, comma = 0, begin
    for place in range(begin, len(tokens)):
        token = tokens[place]
        if token.kind == "mark" and token.text in (b"(", b")"):
            depth += 1 if token.text == b"(" else -1
        ends = depth == 0 or (depth == 1 and token.text == b",")
        if not ends:
            continue
        clause = tokens[comma + 1 : place]
        words = [one.text if one.kind == "word" else b"" for one in clause[:4]]
        if b"FOREIGN" in words[:3:2] and words[:1] in ([b"CONSTRAINT"], [b"FOREIGN"]):
            spans.append((tokens[comma].start, clause[-1].end, b"" if tokens[comma].text == b"," else b"("))
        elif words[:1] == [b"CONSTRAINT"] and words[2:3] == [b"CHECK"]:
            spans.append((clause[0].start, clause[1].end, b""))
        comma = place
        if depth == 0:
            break
    return spans


def count_foreign_keys(part: Part) -> int:
    """How many foreign keys a statement makes."""
    tokens = read_tokens(part.text, part.values)
    words = [token.text if token.kind == "word" else b"" for token in tokens]
    return sum(pair == (b"FOREIGN", b"KEY") for pair in pairwise(words))
