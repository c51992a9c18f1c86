"""Values of a record that may be erased one day while its chain of digests stays whole. Pure.

A record keeps the digest of each such value instead of the value itself. A digest of a name could be guessed by trying
all names: so each is made with a secret of the record (the salt), which is erased together with the values.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

SALT_BYTES = 16


def make_salt() -> str:
    """Return a new salt for the values of one record, 32 hexadecimal digits."""
    return secrets.token_hex(SALT_BYTES)


def seal_values(values: Mapping[str, Any], *, salt: str) -> dict[str, str]:
    """Return the digest of each value (JSON), by its name: what a chain covers in their place."""
    return {name: _seal(name, value, salt) for name, value in values.items()}


def are_sealed(values: Mapping[str, Any], digests: Mapping[str, str], *, salt: str) -> bool:
    """Return whether `values` are what was sealed: all of them with their salt, or, once erased, none of either."""
    if not salt:
        return not values
    return values.keys() == digests.keys() and seal_values(values, salt=salt) == dict(digests)


def _seal(name: str, value: Any, salt: str) -> str:
    text = json.dumps([name, value], sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()
