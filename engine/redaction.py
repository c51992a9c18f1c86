"""Secrets out of texts that are kept or shown: logs of programs, what a server says. Pure."""

import json
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import quote

from domain.specs import InstanceSpec

HIDDEN = "***"


def list_secret_values(spec: InstanceSpec) -> tuple[str, ...]:
    """Return every secret of an instance, longest first so that one inside another hides nothing."""
    values = {getattr(spec.secrets, field.name) for field in fields(spec.secrets)} - {spec.secrets.drupal_admin_user}
    values |= {server.password for server in (spec.site.smtp, spec.site.imap) if server is not None}
    return tuple(sorted((value for value in values if value), key=len, reverse=True))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """Return `text` without any of the `secrets`, plain or as JSON, SQL, URLs and a shell's trace write them."""
    for value in secrets:
        for form in _list_forms(value):
            text = text.replace(form, HIDDEN)
    return text


def _list_forms(value: str) -> Iterator[str]:
    escaped = value.replace("\\", "\\\\")
    forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value, safe="")}
    forms |= {escaped.replace("'", "''"), escaped.replace("'", "\\'"), escaped.replace('"', '\\"')}
    forms |= {value.replace("'", "'\\''")}
    yield from sorted(forms, key=len, reverse=True)
