"""backups.browse_steps: a page that a program packed is read, and anything else is no page."""

import base64
import json
import zlib

import pytest

from backups.browse_steps import parse_page
from domain.errors import CiviparoisseError
from programs.browse import make_page


def pack(document: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(document).encode())).decode()


def test_what_the_program_packs_is_read() -> None:
    entries = [{"name": "a", "rows": 3}, {"name": "é", "rows": None}]
    assert parse_page(make_page(iter(enumerate(entries, 1)))) == {"entries": entries, "next": None}


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "é",
        "AAAA",
        pack([]),
        pack({}),
        pack({"entries": 1, "next": None}),
        pack({"entries": [1], "next": None}),
        pack({"entries": [], "next": "1"}),
        base64.b64encode(zlib.compress(b"[" * 100_000)).decode(),
        base64.b64encode(zlib.compress(b" " * 50_000_000)).decode(),
    ],
)
def test_anything_else_is_no_page(text: object) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        parse_page(text)
    assert refused.value.code == "job_lost"
