"""Makes the secrets of the way in, and the digests that are kept of them. A secret itself is kept nowhere."""

import hashlib
import secrets

from django.utils.crypto import constant_time_compare, salted_hmac

SECRET_BYTES = 32
# What 32 bytes are as text.
SECRET_SIGNS = 43
CODE_DIGITS = 6


def make_secret() -> str:
    """Return a new secret of 256 bits, for a link, a browser or a session: 43 signs that an address may have.
    Lines of the log hide it by the address it stands in (domain/known_secrets.py)."""
    return secrets.token_urlsafe(SECRET_BYTES)


def make_code() -> str:
    """Return six digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def digest_secret(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256, which leads nobody back to 256 bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def digest_code(code: str, *, browser_sha256: str) -> str:
    """Return what is kept of a code that one browser may use. A million codes are tried in a second: the digest is made
    with the manager's own key, which the database does not hold."""
    return salted_hmac("parish_site.code", f"{browser_sha256} {code}", algorithm="sha256").hexdigest()


def is_code(code: str, kept: str, *, browser_sha256: str) -> bool:
    """Return whether `code` is the one of which `kept` is the digest, in the same time whatever it is."""
    return constant_time_compare(digest_code(code, browser_sha256=browser_sha256), kept)
