"""Reads bodies, with bounds."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

# The largest honest body, a whole parish, is some 3 KiB.
LIMIT_BYTES = 64 * 1024


class PayloadTooLarge(APIException):
    """The body is larger than is read. `limit_bytes`: how much is."""

    status_code = 413

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        super().__init__()


class BoundedJSONParser(JSONParser):
    """JSON of at most `LIMIT_BYTES`; nesting too deep for the interpreter is a fault of the body, not ours."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed document. Raise PayloadTooLarge or ParseError.

        A server hands on at most Content-Length bytes, so that bounds what is read.
        """
        request = (parser_context or {}).get("request")
        length = request.META.get("CONTENT_LENGTH") if request is not None else None
        if length and int(length) > LIMIT_BYTES:
            raise PayloadTooLarge(LIMIT_BYTES)
        try:
            return super().parse(stream, media_type, dict(parser_context or {}))
        except RecursionError:
            raise ParseError("nested too deeply") from None
