"""The text of a view as a server tells it, in one form, however often it was dumped and loaded.

MySQL tells a list of tables as it was typed, ``from a join b``, and as ``from (a join b)`` once it has read its own
text again (seen with 9.7). Joins bind from the left, so brackets at the beginning of such a list mean nothing.
"""

import re

_TOKEN = re.compile(
    r"'(?:[^'\\]++|\\.|'')*+'|\"(?:[^\"\\]++|\\.|\"\")*+\"|`(?:[^`]|``)*+`|[()]|\w+|\s+|.",
    re.S,
)


def normalise_joins(text: str) -> str:
    """The text without the brackets that begin a list of joined tables; those of a sub-select, which has a name, stay.

    ``text``: single spaces outside of strings and quoted names."""
    tokens = _TOKEN.findall(text)
    closings = match_brackets(tokens)
    dropped: set[int] = set()
    for number, token in enumerate(tokens):
        if token.lower() != "from":
            continue
        place = number + 2  # behind the space
        while place in closings and not is_named(tokens, closings[place]):
            dropped |= {place, closings[place]}
            place += 1
    return "".join(token for number, token in enumerate(tokens) if number not in dropped)


def match_brackets(tokens: list[str]) -> dict[int, int]:
    """Where each opening bracket is closed."""
    closings: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token == "(":
            opened.append(number)
        elif token == ")" and opened:
            closings[opened.pop()] = number
    return closings


def is_named(tokens: list[str], closing: int) -> bool:
    """Tell whether a name follows a bracket, as in ``(select …) `name```; servers quote all names."""
    return "".join(tokens[closing + 1 : closing + 3]).lstrip().startswith("`")
