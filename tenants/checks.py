"""System checks: the encryption keys are usable and those that the stored secrets need; hosts can be made."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from domain.errors import InvalidValue
from domain.names import parse_host_template
from tenants.encryption import get_key_ring
from tenants.rotation import find_unreadable


@register(Tags.security)
def check_keys(**_options: Any) -> list[CheckMessage]:
    """Report keys that cannot be used."""
    try:
        get_key_ring()
    except ImproperlyConfigured as error:
        hint = "Make a new installation's keys with `python -m civiparoisse.keys`; put an old one's back."
        return [Error(str(error), hint=hint, id="tenants.E001")]
    return []


@register()
def check_host_template(**_options: Any) -> list[CheckMessage]:
    """Report a setting that no host of an instance could be made of."""
    try:
        parse_host_template(settings.HOST_TEMPLATE, domain=settings.PARISH_DOMAIN)
    except InvalidValue as error:
        told = f"CIVIPAROISSE_HOST_TEMPLATE={settings.HOST_TEMPLATE!r}: {error.params['reason']}"
        return [Error(told, hint="The default is www.{slug}.{domain}.", id="tenants.E003")]
    return []


@register(Tags.database)
def check_stored_secrets(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report stored secrets that no key reads. Runs with `migrate` and `check --database default`."""
    if "default" not in (databases or ()) or check_keys():
        return []
    unreadable = find_unreadable()
    if not unreadable:
        return []
    counts = ", ".join(f"{count} of key {key_id}" for key_id, count in sorted(unreadable.items()))
    hint = "Put the keys that wrote them back into FIELD_KEYS, below the current one; then run secrets_reencrypt."
    return [Error(f"Stored secrets cannot be read with FIELD_KEYS: {counts}.", hint=hint, id="tenants.E002")]
