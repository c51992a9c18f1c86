"""Chains of records that nobody changes unseen: each carries the digest of itself and of the one before. Pure.

Whoever changes, removes or inserts a record in the middle breaks every digest from there on. What a chain alone cannot
tell is that its last records were cut off: the newest digest is to be kept elsewhere too (a mail, an export, a log).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

START = "0" * 64


def compute_digest(previous: str, document: Mapping[str, Any]) -> str:
    """Return the SHA-256 (64 hexadecimal digits) of a record: of the digest before it (START for the first) and of its
    document, a JSON value whose names are sorted."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def find_break(records: Iterable[tuple[str, str, Mapping[str, Any]]], *, start: str = START) -> int | None:
    """Return the place (0 for the first) of the first record that is not what was written, None where all are.

    `records`: (digest of the one before, own digest, document) in their order; `start`: the digest before the first.
    """
    before = start
    for place, (previous, digest, document) in enumerate(records):
        if previous != before or digest != compute_digest(before, document):
            return place
        before = digest
    return None
