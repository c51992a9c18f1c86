"""Read PHP source just far enough to change plain strings in it with certainty.

Understood: comments, strings, words, and assignments of array literals. Not understood, hence refused: text
outside of PHP, here-documents. Anything else stays as it is. Pure: text in, positions out.
"""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"(?P<blank>\s+|//[^\n]*?(?=\n|\?>|\Z)|#(?!\[)[^\n]*?(?=\n|\?>|\Z)|/\*.*?\*/)"
    r"|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>\$?[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*|\d[\w.]*)"
    r"|(?P<mark>=>|\?>|<<<|.)",
    re.DOTALL,
)
DOUBLE_QUOTED_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "$": "$", '"': '"'}


class PhpUnclear(ValueError):
    """The source cannot be read with certainty; the text says where and why."""


@dataclass(frozen=True)
class Token:
    """A piece of source. ``value``: of a plain string, decoded; None for all else."""

    kind: str
    source: str
    start: int
    value: str | None = None

    @property
    def end(self) -> int:
        """Position after it."""
        return self.start + len(self.source)


@dataclass(frozen=True)
class Leaf:
    """A value that is assigned: the keys that lead to it (the variable first), its tokens, and its key's token.

    ``keys`` has None where a key is not a plain string, or is left out. ``key`` is None outside of a literal.
    """

    keys: tuple[str | None, ...]
    value: tuple[Token, ...]
    key: Token | None

    @property
    def text(self) -> str | None:
        """The value if it is one plain string."""
        return self.value[0].value if len(self.value) == 1 else None


def format_string(text: str) -> str:
    """Return the PHP literal of a string: single quotes, where only quote and backslash are escaped."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def parse_tokens(source: str) -> list[Token]:
    """Return the tokens of a PHP file, comments and blanks left out. Raise PhpUnclear."""
    opening = re.match(r"\s*<\?php(?=\s)", source)
    if opening is None:
        raise PhpUnclear("it does not start with <?php")
    tokens, position = [], opening.end()
    for match in TOKEN.finditer(source, position):
        kind, text = match.lastgroup or "", match[0]
        line = source.count("\n", 0, match.start()) + 1
        if text in ("'", '"') or text == "<<<" or (kind == "mark" and source.startswith("/*", match.start())):
            raise PhpUnclear(f"line {line} has a string or comment that does not end, or a here-document")
        if text == "?>":
            if source[match.end() :].strip():
                raise PhpUnclear(f"line {line} leaves PHP")
            break
        if kind != "blank":
            value = parse_string(text) if kind == "string" else None
            tokens.append(Token(kind, text, match.start(), value))
    return tokens


def parse_string(literal: str) -> str | None:
    """Return the value of a string literal, None if it holds variables or unusual escapes."""
    inside = literal[1:-1]
    if literal[0] == "'":
        return re.sub(r"\\([\\'])", r"\1", inside)
    escapes = DOUBLE_QUOTED_ESCAPE.findall(inside)
    if "$" in re.sub(r"\\.", "", inside, flags=re.DOTALL) or any(name not in SIMPLE_ESCAPES for name in escapes):
        return None
    return DOUBLE_QUOTED_ESCAPE.sub(lambda match: SIMPLE_ESCAPES[match[1]], inside)


def list_leaves(tokens: list[Token]) -> list[Leaf]:
    """Return every value that is assigned to a variable or to an element of one, literals taken apart."""
    leaves: list[Leaf] = []
    for index, token in enumerate(tokens):
        if token.kind != "word" or not token.source.startswith("$"):
            continue
        keys: list[str | None] = [token.source[1:]]
        index += 1
        while index + 1 < len(tokens) and tokens[index].source == "[":
            close = find_close(tokens, index)
            inner = tokens[index + 1 : close]
            keys.append(inner[0].value if len(inner) == 1 else None)
            index = close + 1
        if index + 1 < len(tokens) and tokens[index].source == "=" and tokens[index + 1].source != "=":
            end = find_end(tokens, index + 1, marks=(";",))
            add_leaves(leaves, tuple(keys), tokens[index + 1 : end], None)
    return leaves


def add_leaves(leaves: list[Leaf], keys: tuple[str | None, ...], value: list[Token], key: Token | None) -> None:
    """Add the value, or the values of its elements if it is an array literal."""
    leaves.append(Leaf(keys=keys, value=tuple(value), key=key))
    start = 2 if value and value[0].source.lower() == "array" else 1
    if len(value) <= start or value[start - 1].source not in ("[", "("):
        return
    if find_close(value, start - 1) != len(value) - 1:
        return
    index = start
    while index < len(value) - 1:
        end = find_end(value[:-1], index, marks=(",",))
        element = value[index:end]
        if len(element) > 2 and element[1].source == "=>":
            add_leaves(leaves, (*keys, element[0].value), element[2:], element[0])
        elif element:
            add_leaves(leaves, (*keys, None), element, None)
        index = end + 1


def find_close(tokens: list[Token], index: int) -> int:
    """Return the index of the bracket that closes the one at ``index``. Raise PhpUnclear."""
    depth = 0
    for position in range(index, len(tokens)):
        if tokens[position].kind == "mark":
            depth += (tokens[position].source in "([{") - (tokens[position].source in ")]}")
            if depth == 0:
                return position
    raise PhpUnclear("a bracket is not closed")


def find_end(tokens: list[Token], index: int, *, marks: tuple[str, ...]) -> int:
    """Return the index of the next of ``marks`` outside of brackets, or the end."""
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "mark" and token.source in marks:
            return index
        index = find_close(tokens, index) + 1 if token.kind == "mark" and token.source in "([{" else index + 1
    return len(tokens)


def list_defines(tokens: list[Token]) -> list[tuple[Token, tuple[Token, ...]]]:
    """Return (name, tokens of the value) of each ``define('NAME', value)``."""
    found = []
    for index in range(len(tokens) - 4):
        if tokens[index].source.lower() != "define" or tokens[index + 1].source != "(":
            continue
        close = find_close(tokens, index + 1)
        if tokens[index + 3].source != "," or tokens[index + 2].value is None:
            continue
        end = find_end(tokens[:close], index + 4, marks=(",",))
        found.append((tokens[index + 2], tuple(tokens[index + 4 : end])))
    return found
