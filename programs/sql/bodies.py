"""The body of a trigger, routine or event is one statement: where does it end?

The server itself refuses a second one, since it is sent by itself. Here the second one is found before anything
is dropped. What is counted are blocks: each END closes the block that a BEGIN, CASE, IF, LOOP, WHILE, REPEAT or FOR
opened.
"""

from collections.abc import Sequence

from programs.sql.reading import Reading, Refused
from programs.sql.tokens import Token

ALWAYS_OPEN = (b"BEGIN", b"CASE")
OPEN_AT_START = (b"IF", b"LOOP", b"WHILE", b"REPEAT", b"FOR")
# After these, and after a label, a statement begins.
BEFORE_STATEMENT = (b";", b"BEGIN", b"THEN", b"ELSE", b"LOOP", b"DO", b"REPEAT", b":", b"ATOMIC")
CLOSED_KINDS = (b"IF", b"CASE", b"LOOP", b"WHILE", b"REPEAT", b"FOR")


def check_one_statement(tokens: Sequence[Token], begin: int) -> None:
    """Raise Refused when more than one statement stands from ``begin`` on: hostile when that is certain."""
    depth, ended_at = 0, None
    for place in range(begin, len(tokens)):
        token = tokens[place]
        if token.kind not in ("word", "mark"):
            continue
        if token.text == b";" and depth == 0 and ended_at is None:
            ended_at = place
        depth += compute_step(tokens, begin, place)
        if depth < 0 and ended_at is None:
            raise Refused("the blocks of its body are not understood")
    rest = [] if ended_at is None else list(tokens[ended_at + 1 :])
    if any(token.text != b";" for token in rest):
        raise Refused("it is several statements at once", hostile=depth == 0)
    if depth:
        raise Refused("the blocks of its body are not understood")


def compute_step(tokens: Sequence[Token], begin: int, place: int) -> int:
    """1 where a block opens, -1 where one closes, else 0."""
    token = tokens[place]
    before = tokens[place - 1].text if place > begin else b";"
    after = tokens[place + 1].text if place + 1 < len(tokens) else b""
    if token.kind != "word" or before in (b".", b"@", b"AS") or after == b".":
        return 0
    if token.text == b"END":
        return -1
    if before == b"END" and token.text in CLOSED_KINDS:
        return 0
    if token.text in ALWAYS_OPEN:
        return 1
    if token.text not in OPEN_AT_START or not begins_statement(tokens, begin, place):
        return 0
    if token.text == b"REPEAT":
        return int(after != b"(")
    return int(token.text != b"IF" or has_then(tokens, place))


def begins_statement(tokens: Sequence[Token], begin: int, place: int) -> bool:
    """Tell whether a statement of a program may begin here."""
    if place == begin or tokens[place - 1].text in BEFORE_STATEMENT:
        return True
    for back in range(place - 1, max(begin, place - 40), -1):  # DECLARE … HANDLER FOR conditions, then a statement
        if tokens[back].text == b";":
            return False
        if tokens[back].text == b"HANDLER":
            return tokens[place].text != b"FOR"
    return False


def has_then(tokens: Sequence[Token], place: int) -> bool:
    """Tell an IF with its THEN from the function IF(…), which has none."""
    brackets = cases = 0
    for token in tokens[place + 1 :]:
        if token.kind not in ("word", "mark"):
            continue
        brackets += (token.text == b"(") - (token.text == b")")
        if brackets < 0 or token.text == b";":
            return False
        if token.text == b"CASE":
            cases += 1
        elif token.text == b"END" and cases:
            cases -= 1
        elif not brackets and not cases and token.text in (b"THEN", b"WHEN", b"ELSE", b"END"):
            return token.text == b"THEN"
    return False


TYPE_WORDS = frozenset(
    "UNSIGNED SIGNED ZEROFILL PRECISION VARYING BINARY ASCII UNICODE BYTE LARGE OBJECT CHAR VARCHAR CHARACTER".split()
)
CHARACTERISTICS = (
    ("LANGUAGE", "SQL"),
    ("NOT", "DETERMINISTIC"),
    ("DETERMINISTIC",),
    ("CONTAINS", "SQL"),
    ("NO", "SQL"),
    ("READS", "SQL", "DATA"),
    ("MODIFIES", "SQL", "DATA"),
    ("SQL", "SECURITY", "DEFINER"),
    ("SQL", "SECURITY", "INVOKER"),
)


def find_body(reading: Reading, sort: str) -> int:
    """The place where the body begins, of what was read up to its name."""
    if sort in ("FUNCTION", "PROCEDURE"):
        for _ in reading.take_brackets():
            pass
        if reading.take_word("RETURNS"):
            skip_type(reading)
        while any(reading.take_words(*words) for words in CHARACTERISTICS) or reading.take_word("COMMENT"):
            reading.take_string()
        return reading.place
    last = "DO" if sort == "EVENT" else "ROW"
    while not reading.ended and not reading.take_word(last):
        reading.skip()
    if reading.take_any_word("FOLLOWS", "PRECEDES"):
        reading.skip()
    return reading.place


def skip_type(reading: Reading) -> None:
    """Go on behind a type, as ``varchar(32) CHARACTER SET utf8mb4``."""
    reading.skip()
    while not reading.ended:
        if reading.is_mark("("):
            for _ in reading.take_brackets():
                pass
        elif reading.take_words("CHARACTER", "SET") or reading.take_any_word("CHARSET", "COLLATE"):
            reading.skip()
        elif not reading.take_any_word(*TYPE_WORDS):
            return
