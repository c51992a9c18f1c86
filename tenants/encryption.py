"""Values encrypted at rest: `key_id:token` (Fernet; several keys, named), loud when a key is missing or wrong.

The key's name stands before the token, so that a missing key can be named and a rotation knows what is left to do.
"""

import json
import re
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from domain.errors import CiviparoisseError
from domain.known_secrets import remember

KEY_ID = re.compile(r"[A-Za-z0-9]{1,16}")
# A Fernet token begins with its version and the zeros of a 64-bit time (the specification's "gAAAAA").
STORED = re.compile(rf"({KEY_ID.pattern}):(gAAAAA[A-Za-z0-9_-]+={{0,2}})")


class KeyRing:
    """Fernet keys by id; the first encrypts, all decrypt. Neither a key nor a value is ever part of an error."""

    def __init__(self, lines: str) -> None:
        self._keys: dict[str, Fernet] = {}
        for line in filter(None, map(str.strip, lines.splitlines())):
            key_id, separator, key = line.partition(":")
            if not separator or not KEY_ID.fullmatch(key_id) or key_id in self._keys:
                raise ImproperlyConfigured(
                    "FIELD_KEYS: each line is `key_id:fernet_key`, the ids distinct, of 1 to 16 letters and digits."
                )
            try:
                self._keys[key_id] = Fernet(key)
            except ValueError as error:
                raise ImproperlyConfigured(f"FIELD_KEYS: the key {key_id} is not a Fernet key.") from error
        if not self._keys:
            raise ImproperlyConfigured("FIELD_KEYS holds no key.")
        self.current_id = next(iter(self._keys))

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted with the current key."""
        return f"{self.current_id}:{self._keys[self.current_id].encrypt(text.encode()).decode()}"

    def decrypt(self, stored: str) -> str:
        """Return the plain text. Raise CiviparoisseError `secret_unreadable` for an unknown or wrong key, and for
        what is no token: that may be a secret somebody wrote past us, so nothing of it is named."""
        match = STORED.fullmatch(stored)
        if match is None:
            raise CiviparoisseError("secret_unreadable", key_id="?")
        key_id, token = match.groups()
        if key_id not in self._keys:
            raise CiviparoisseError("secret_unreadable", key_id=key_id)
        try:
            return self._keys[key_id].decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise CiviparoisseError("secret_unreadable", key_id=key_id) from error

    def is_current(self, stored: str) -> bool:
        """Return whether `stored` was encrypted with the current key."""
        return stored.partition(":")[0] == self.current_id


@lru_cache(maxsize=4)
def _make_key_ring(lines: str) -> KeyRing:
    return KeyRing(lines)


def get_key_ring() -> KeyRing:
    """Return the key ring of the settings."""
    return _make_key_ring(settings.FIELD_KEYS)


class UnreadableSecret:
    """Stands on a row for a secret that no key of ours reads: the row's other values can be shown, and whoever uses
    this one gets CiviparoisseError `secret_unreadable`. Saving the row leaves what is stored as it is."""

    def __init__(self, stored: str, error: CiviparoisseError) -> None:
        self.stored = stored
        self.params = error.params

    def refuse(self, *_arguments: object, **_options: object) -> Any:
        """Raise the refusal: every way of using a text or an object leads here."""
        raise CiviparoisseError("secret_unreadable", **self.params)

    def __repr__(self) -> str:
        return "<unreadable secret>"

    __str__ = __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __format__ = __add__ = __radd__ = refuse
    encode = strip = split = splitlines = startswith = lower = keys = values = items = get = refuse


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain on the row. Cannot be searched. Empty stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        """Return what is stored."""
        if isinstance(value, UnreadableSecret):
            return value.stored
        if not value:
            return value
        self.keep_out_of_logs(str(value))
        return get_key_ring().encrypt(str(value))

    def keep_out_of_logs(self, text: str) -> None:
        """Remember what of `text` no line of this process's log may show."""
        remember(text)

    def from_db_value(self, value: str | None, *_args: object) -> Any:
        """Return the plain text; an UnreadableSecret when no key reads it."""
        if not value:
            return value
        try:
            text = get_key_ring().decrypt(value)
        except CiviparoisseError as error:
            return UnreadableSecret(str(value), error)
        self.keep_out_of_logs(text)
        return text

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every look-up but `isnull`: equal texts are stored differently."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def value_to_string(self, obj: models.Model) -> str:
        """Refuse to be written to a file (dumpdata): it would be plain text there, and its key elsewhere."""
        raise CiviparoisseError("secret_not_exported", model=obj._meta.label, field=self.name)


class EncryptedJSONField(EncryptedTextField):
    """A JSON object that is encrypted in the database."""

    def keep_out_of_logs(self, text: str) -> None:
        """Remember those parts that are secrets; others (an address, the name of a bucket) may be told."""
        remember(json.loads(text))

    def get_prep_value(self, value: Any) -> Any:
        """Return what is stored."""
        if isinstance(value, UnreadableSecret):
            return value.stored
        return super().get_prep_value(json.dumps(value)) if value else ""

    def from_db_value(self, value: str | None, *_args: object) -> Any:
        """Return the object; {} when nothing is stored, an UnreadableSecret when no key reads it."""
        text = super().from_db_value(value)
        if isinstance(text, UnreadableSecret):
            return text
        return json.loads(text) if text else {}

    def to_python(self, value: Any) -> Any:
        """Return `value` as it is: rows hold objects."""
        return value
