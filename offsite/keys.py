"""Keys of copies: each parish's own, UEPAL's recovery key, and the key by which this manager countersigns."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import transaction

from domain.errors import CiviparoisseError
from offsite.models import ParishKey, RecoveryKey, SigningKey, Space
from tenants.models import Tenant

PROOF = b"This text opens with the recovery key that was just printed."
SIGNED = "civiparoisse countersignature 1"


@dataclass(frozen=True, slots=True)
class PrintedKey:
    """A new recovery key, once: `identity` is its private half, kept nowhere; `challenge` opens with it alone."""

    recipient: str
    identity: str = field(repr=False)
    challenge: str


def ensure_parish_key(tenant: Tenant) -> ParishKey:
    """Return the key that seals a parish's copies now; the first time, make it."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        return ParishKey.objects.filter(tenant=tenant).first() or rotate_parish_key(tenant)


def rotate_parish_key(tenant: Tenant) -> ParishKey:
    """Make a new key for what is sealed from now on; the earlier ones stay, for what was."""
    identity = pyrage.x25519.Identity.generate()
    return ParishKey.objects.create(tenant=tenant, recipient=str(identity.to_public()), identity=str(identity))


def ensure_space(tenant: Tenant) -> Space:
    """Return the name below which a parish's copies lie."""
    return Space.objects.get_or_create(tenant=tenant)[0]


def create_recovery_key(*, requested_by: str) -> PrintedKey:
    """Make a recovery key and return it, to be printed. Only its public half is recorded, and it counts once
    `prove_recovery_key` was given what the private half opens."""
    identity = pyrage.x25519.Identity.generate()
    recipient = identity.to_public()
    RecoveryKey.objects.create(recipient=str(recipient), created_by=requested_by)
    challenge = base64.b64encode(pyrage.encrypt(PROOF, [recipient])).decode()
    return PrintedKey(str(recipient), str(identity), challenge)


def prove_recovery_key(identity: str, *, now: datetime) -> RecoveryKey:
    """Open something with a private half that somebody typed from the paper, and let its key count from now on. Nothing
    of it is kept. Raise CiviparoisseError `recovery_key_wrong` for what is no key, or none of this manager's."""
    try:
        opened = pyrage.x25519.Identity.from_str("".join(identity.split()).upper())
    except pyrage.IdentityError:
        raise CiviparoisseError("recovery_key_wrong") from None
    row = RecoveryKey.objects.filter(recipient=str(opened.to_public())).first()
    if row is None:
        raise CiviparoisseError("recovery_key_wrong")
    sealed = pyrage.encrypt(PROOF, [pyrage.x25519.Recipient.from_str(row.recipient)])
    if pyrage.decrypt(sealed, [opened]) != PROOF:
        raise CiviparoisseError("recovery_key_wrong")
    RecoveryKey.objects.filter(pk=row.pk, proven_at=None).update(proven_at=now)
    row.refresh_from_db()
    return row


def get_recovery_key() -> RecoveryKey:
    """Return the newest recovery key that was proven. Raise CiviparoisseError `recovery_key_missing`."""
    row = RecoveryKey.objects.exclude(proven_at=None).first()
    if row is None:
        raise CiviparoisseError("recovery_key_missing")
    return row


def list_recipients(tenant: Tenant) -> list[str]:
    """Return the public keys to which a parish's copies are sealed: its own, and the recovery key."""
    return [ensure_parish_key(tenant).recipient, get_recovery_key().recipient]


def unseal(data: bytes, tenant: Tenant) -> bytes:
    """Return what was sealed to a parish, with any of its keys. Raise CiviparoisseError `copy_unreadable`."""
    identities = [pyrage.x25519.Identity.from_str(row.identity) for row in ParishKey.objects.filter(tenant=tenant)]
    try:
        return bytes(pyrage.decrypt(data, identities))
    except pyrage.DecryptError as error:
        raise CiviparoisseError("copy_unreadable", tenant=tenant.slug) from error


# --- Countersignatures ---------------------------------------------------------------------------------------------


def ensure_signing_key() -> SigningKey:
    """Return the key that signs now; the first time, make it."""
    return SigningKey.objects.first() or rotate_signing_key()


def rotate_signing_key() -> SigningKey:
    """Make a new key for what is signed from now on; the earlier ones stay, for what was."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SigningKey.objects.create(public=public.hex(), private=private.hex())


def sign(facts: Iterable[str]) -> tuple[str, str]:
    """Return (signature, public key) of this manager over `facts`, in their order."""
    row = ensure_signing_key()
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(row.private))
    return key.sign(_join(facts)).hex(), row.public


def is_signed(facts: Iterable[str], *, signature: str, public: str) -> bool:
    """Return whether this manager, by a key of its own, signed these facts."""
    if not SigningKey.objects.filter(public=public).exists():
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), _join(facts))
    except (InvalidSignature, ValueError):
        return False
    return True


def _join(facts: Iterable[str]) -> bytes:
    return "\n".join((SIGNED, *facts)).encode()
