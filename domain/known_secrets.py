"""The secrets that this process has read, so that no line of its log shows one: remembered where they are read.

`remember` is called by what reads settings (civiparoisse/env.py) and by the encrypted columns (tenants/encryption.py).
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "***"
# Shorter ones would hide ordinary words; the manager's own secrets have 16 characters and more.
SHORTEST = 6
# What nobody writes by hand.
LONG_WORD = 24
# Some 3 forms of the secrets of 3,000 instances; the oldest are forgotten first. One line costs 30 ns per form.
MOST_FORMS = 60_000
# The parts of a stored object that are no secret of themselves (the place of a bucket, an account's name).
SECRET_NAME = re.compile(r"pass|secret|key|token|salt|seed|identity|service_account", re.IGNORECASE)
# What is a secret wherever it stands.
SHAPES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"AGE-(?:PLUGIN-[A-Z0-9]+-|SECRET-KEY-)[A-Z0-9]+"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}"),
    re.compile(r"(?i)(?<=basic )[\w+/=-]{8,}"),
    # The links of the parishes' site: that lines of the log name an address is right, what it opens is not.
    re.compile(r"(?i)(?<=paroisse/entrer/)[^\s\"'<>]+"),
    re.compile(r"(?i)(?<=paroisse/confirmer/)[^\s\"'<>]+"),
)
_forms: dict[str, None] = {}


def remember(value: object) -> None:
    """Keep `value` out of the log from now on: a text, or an object whose parts named like secrets are."""
    if isinstance(value, str):
        _remember_text(value)
    elif isinstance(value, dict | list):
        for part in _list_secret_parts(value):
            _remember_text(part)


def hide(text: str) -> str:
    """Return `text` without any secret that was remembered, and without what has the shape of one."""
    # The longest first: of one that holds another the rest would stay.
    for form in sorted((form for form in list(_forms) if form in text), key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    for shape in SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


def list_forms(value: str) -> list[str]:
    """Return how `value` may stand in a text, longest first: plain, as JSON, SQL, URLs and a shell's trace write it."""
    escaped = value.replace("\\", "\\\\")
    forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value, safe="")}
    forms |= {escaped.replace("'", "''"), escaped.replace("'", "\\'"), escaped.replace('"', '\\"')}
    forms |= {value.replace("'", "'\\''"), repr(value)[1:-1]}
    return sorted(forms, key=len, reverse=True)


def _remember_text(text: str) -> None:
    for part in {text, *_list_secret_words(text)}:
        for value in _list_secret_values(part.strip()):
            if len(value) >= SHORTEST and value not in _forms:
                _forms.update(dict.fromkeys(list_forms(value)))
    while len(_forms) > MOST_FORMS:
        _forms.pop(next(iter(_forms)), None)


def _list_secret_words(text: str) -> Iterator[str]:
    """Return what of a document (a kubeconfig, a list of keys) is a secret by itself: long words, but no addresses."""
    for line in text.splitlines():
        word = re.split(r"[\s:]", line.strip())[-1]
        if len(word) >= LONG_WORD and "://" not in line:
            yield word


def _list_secret_values(value: str) -> list[str]:
    """Return `value`, and the password in it where it is an address with an account: both are shown. The address of a
    broker without an account is no secret."""
    if "://" not in value:
        return [value]
    try:
        password = urlsplit(value).password
    except ValueError:
        return [value]
    if password is None:
        return [] if value.startswith(("redis://", "rediss://")) else [value]
    return [value, unquote(password)]


def _list_secret_parts(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _list_secret_parts(part, str(key))
    elif isinstance(value, list):
        for part in value:
            yield from _list_secret_parts(part, name)
    elif isinstance(value, str) and SECRET_NAME.search(name):
        yield value
