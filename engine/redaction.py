"""Secrets out of texts that are kept or shown: logs of programs, what a server says. Pure."""

from dataclasses import fields

from domain.known_secrets import HIDDEN, list_forms
from domain.specs import InstanceSpec


def list_secret_values(spec: InstanceSpec) -> tuple[str, ...]:
    """Return every secret of an instance, longest first so that one inside another hides nothing."""
    values = {getattr(spec.secrets, field.name) for field in fields(spec.secrets)} - {spec.secrets.drupal_admin_user}
    values |= {server.password for server in (spec.site.smtp, spec.site.imap) if server is not None}
    return tuple(sorted((value for value in values if value), key=len, reverse=True))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """Return `text` without any of the `secrets`, plain or as JSON, SQL, URLs and a shell's trace write them."""
    for value in secrets:
        for form in list_forms(value):
            text = text.replace(form, HIDDEN)
    return text
