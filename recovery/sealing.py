"""Sealing with age as streams, so that what is sealed never lies anywhere in plain. Knows no Django."""

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TypeVar

import pyrage

from domain.errors import CiviparoisseError
from offsite.piping import piping

Result = TypeVar("Result")


def make_identity() -> tuple[pyrage.x25519.Identity, str]:
    """Return a new age key and its public half."""
    identity = pyrage.x25519.Identity.generate()
    return identity, str(identity.to_public())


def parse_identity(text: str) -> pyrage.x25519.Identity:
    """Return the private key in a text: the one line of it that is one, spaces and lower case forgiven, as a person
    types from paper. Raise CiviparoisseError `recovery_key_invalid`, which repeats nothing of it."""
    for line in text.splitlines():
        typed = "".join(line.split()).upper()
        if typed.startswith("AGE-SECRET-KEY-"):
            with contextlib.suppress(pyrage.IdentityError):
                return pyrage.x25519.Identity.from_str(typed)
            break
    raise CiviparoisseError("recovery_key_invalid")


def seal(write: Callable[[IO[bytes]], None], target: Path, recipients: Sequence[str]) -> None:
    """Seal what `write` writes to the stream it is given, into a private file, for the holders of `recipients`."""
    keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    target.touch(mode=0o600)
    with target.open("wb") as sealed, piping(write) as plain:
        pyrage.encrypt_io(plain, sealed, keys)
        sealed.flush()
        os.fsync(sealed.fileno())


def open_sealed(sealed: Path, identity: pyrage.x25519.Identity, read: Callable[[IO[bytes]], Result]) -> Result:
    """Return what `read` makes of the plain stream of a sealed file. Raise CiviparoisseError `archive_sealed_otherwise`
    when the key is another one, `archive_damaged` when the file is not what was sealed."""

    def unseal(stream: IO[bytes]) -> None:
        with sealed.open("rb") as file:
            pyrage.decrypt_io(file, stream, [identity])

    try:
        with piping(unseal) as plain:
            return read(plain)
    except (pyrage.DecryptError, OSError) as error:
        if "No matching keys" in str(error):
            raise CiviparoisseError("archive_sealed_otherwise") from None
        raise CiviparoisseError("archive_damaged", detail="it does not open") from None
