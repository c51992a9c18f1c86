"""Encryption keys for tests; they protect nothing. Always the same: they are in the names of tests."""

from base64 import urlsafe_b64encode

OLD_KEY = urlsafe_b64encode(b"o" * 32).decode()
NEW_KEY = urlsafe_b64encode(b"n" * 32).decode()


def make_keys(**keys: str) -> str:
    """Return FIELD_KEYS with these keys by name, the first one current."""
    return "\n".join(f"{key_id}:{key}" for key_id, key in keys.items())
