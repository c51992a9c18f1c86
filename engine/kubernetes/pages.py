"""One page of a list as the API server writes it, read object by object: thousands of them never stand in memory at
once. Pure."""

import json
import re
from collections.abc import Generator
from typing import Any

DECODER = json.JSONDecoder()
BLANK = re.compile(r"[ \t\n\r]*")


def read_items(data: bytes) -> Generator[dict[str, Any], None, str]:
    """Yield the objects of a page; the generator's value is the mark of the page after it, "" at the end. Raise
    ValueError where it is no list of the API."""
    text = data.decode()
    del data
    following, at = "", _expect(text, 0, "{")
    while text[at] != "}":
        name, at = DECODER.raw_decode(text, at)
        at = _expect(text, at, ":")
        if name == "items" and text[at] == "[":
            at = yield from _read_array(text, at)
        else:
            value, at = DECODER.raw_decode(text, at)
            if name == "metadata" and isinstance(value, dict):
                following = str(value.get("continue") or "")
        at = _skip_comma(text, at, "}")
    return following


def _read_array(text: str, at: int) -> Generator[dict[str, Any], None, int]:
    """Yield the objects of the array that begins at `at`; the generator's value is where it ends."""
    at = _expect(text, at, "[")
    while text[at] != "]":
        item, at = DECODER.raw_decode(text, at)
        at = _skip_comma(text, at, "]")
        yield item
    return at + 1


def _expect(text: str, at: int, sign: str) -> int:
    """Return where the next value begins after `sign`."""
    at = _skip_blank(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"no {sign} at {at}")
    return _find_next(text, at + 1)


def _skip_comma(text: str, at: int, end: str) -> int:
    """Return where the next value begins, or where `end` stands."""
    at = _find_next(text, at)
    if text[at] == end:
        return at
    return _expect(text, at, ",")


def _find_next(text: str, at: int) -> int:
    at = _skip_blank(text, at)
    if at >= len(text):
        raise ValueError("it ends too soon")
    return at


def _skip_blank(text: str, at: int) -> int:
    blank = BLANK.match(text, at)
    return blank.end() if blank is not None else at
