"""Bodies: bounded, and every unreadable one is the caller's fault, never ours."""

import pytest
from django.test import Client

from api.parsers import LIMIT_BYTES

# Any address that reads a body; what it would do with a good one does not matter here.
ADDRESS = "/api/v1/tenants/"


def _send(api: Client, body: bytes, content_type: str = "application/json") -> tuple[int, str]:
    answer = api.generic("POST", ADDRESS, body, content_type=content_type)
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"a": 1e999999999}x',
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b"1" * 5000,
        b"\x00",
        b'{"slug": "a", "slug": "b"}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        '{"a": "\xe9"}'.encode("utf-16"),
        b"[[[[[[[[[[1]]]]]]]]]]",
        b"\xef\xbb\xbf{}",
    ],
)
def test_an_unreadable_body_is_malformed(api: Client, body: bytes) -> None:
    assert _send(api, body) == (400, "malformed_request")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"true"])
def test_a_document_that_is_no_object_is_refused(api: Client, body: bytes) -> None:
    assert _send(api, body) == (400, "invalid_value")


def test_a_large_body_is_not_read(api: Client) -> None:
    assert _send(api, b" " * (LIMIT_BYTES + 1)) == (413, "payload_too_large")
    assert _send(api, b" " * LIMIT_BYTES) == (400, "malformed_request")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_media_types_are_refused(api: Client, content_type: str) -> None:
    assert _send(api, b"{}", content_type) == (415, "unsupported_media_type")
