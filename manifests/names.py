"""Names that the API server takes: RFC 1123 labels and sub-domains, fitted to their lengths. Pure."""

import hashlib
import re

LABEL_LENGTH = 63
# The controller adds 11 characters of its own to a CronJob's name for each Job (kubernetes.io, CronJob).
CRONJOB_LENGTH = 52
SUBDOMAIN_LENGTH = 253
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
SUBDOMAIN = re.compile(rf"{LABEL.pattern}(\.{LABEL.pattern})*")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?")
# An optional prefix, a slash, a name (kubernetes.io, "Labels and Selectors").
LABEL_KEY = re.compile(rf"({SUBDOMAIN.pattern}/)?[A-Za-z0-9]([A-Za-z0-9._-]{{0,61}}[A-Za-z0-9])?")
HASH_LENGTH = 8


def fit_name(text: str, *, length: int = LABEL_LENGTH) -> str:
    """Return `text` as a name of at most `length` characters; as it is when it is one already.

    Anything else is lowered, cut, and given a hash of the whole, so that two texts never become one name.
    """
    if len(text) <= length and LABEL.fullmatch(text):
        return text
    folded = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"
    return f"{folded[: length - HASH_LENGTH - 1].rstrip('-')}-{compute_hash(text)}"


def compute_hash(text: str) -> str:
    """Return eight hexadecimal digits of `text`, always the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]
