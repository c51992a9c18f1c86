"""Reads bodies, with bounds, and refuses what two readers could read differently."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

# The largest honest body, a whole parish, is some 3 KiB.
LIMIT_BYTES = 64 * 1024
MOST_DEEP = 8


class PayloadTooLarge(APIException):
    """The body is larger than is read. `limit_bytes`: how much is."""

    status_code = 413

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        super().__init__()


class BoundedJSONParser(JSONParser):
    """One JSON document in UTF-8 of at most `LIMIT_BYTES` and `MOST_DEEP` levels, each name of an object once, numbers
    that are numbers (RFC 8259, RFC 7493)."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed document. Raise PayloadTooLarge or ParseError.

        A server hands on at most Content-Length bytes, so that bounds what is read.
        """
        request = (parser_context or {}).get("request")
        length = request.META.get("CONTENT_LENGTH") if request is not None else None
        if length and int(length) > LIMIT_BYTES:
            raise PayloadTooLarge(LIMIT_BYTES)
        try:
            text = stream.read(LIMIT_BYTES + 1).decode("utf-8")
            document = json.loads(
                text, object_pairs_hook=_make_object, parse_constant=_refuse_number, parse_float=_read_float
            )
            _refuse_deep(document)
        except (RecursionError, ValueError) as error:
            raise ParseError(str(error) if isinstance(error, _Refused) else _NO_JSON) from None
        return document


class _Refused(ValueError):
    """A fault with words of its own."""


_NO_JSON = "not one JSON document in UTF-8"


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _value in pairs]
        raise _Refused(f"given twice: {next(name for name in names if names.count(name) > 1)!r:.80}")
    return made


def _refuse_number(name: str) -> float:
    raise _Refused(f"{name} is no number")


def _read_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Refused("a number is too large")
    return number


def _refuse_deep(document: Any) -> None:
    level = [document]
    for _depth in range(MOST_DEEP):
        level = [inner for outer in level for inner in _list_inner(outer)]
        if not level:
            return
    raise _Refused("nested too deeply")


def _list_inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
