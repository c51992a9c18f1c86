"""Whose set is it? What vouches for a set that is to be imported: a key, a countersignature, or a person."""

import dataclasses
from enum import StrEnum

from domain.errors import CiviparoisseError
from offsite.comparing import list_facts
from offsite.keys import is_signed
from offsite.models import BackupCopy
from programs.sets.manifest import Manifest
from programs.sets.signing import (
    ALGORITHM,
    check_signature,
    compute_key_id,
    compute_sha256,
    format_manifest,
    sign_manifest,
)
from tenants.models import Instance

# On the set for ever, and on every list (domain.program_texts).
ACCEPTED_WARNING = "imported without a signature that is known"


class Trust(StrEnum):
    """What vouches for a set: `signed`: the instance's own key. `countersigned`: this manager, on a copy of it.
    `accepted`: a person, who typed the instance's identifier."""

    SIGNED = "signed"
    COUNTERSIGNED = "countersigned"
    ACCEPTED = "accepted"


def find_trust(data: bytes, manifest: Manifest, *, instance: Instance, accepted: str) -> Trust:
    """Return what vouches for the set whose manifest has these bytes. `accepted`: what the person typed.

    Raise ProgramError `signature_invalid` for one that was altered after the instance's own key signed it, which
    nobody can accept, or CiviparoisseError `import_unsigned` where nothing vouches for it."""
    key, signature = get_key(instance), manifest.signature
    if signature is not None and (signature.algorithm, signature.key_id) == (ALGORITHM, compute_key_id(key)):
        check_signature(data, key=key)
        return Trust.SIGNED
    if is_countersigned(data, manifest, instance=instance):
        return Trust.COUNTERSIGNED
    if accepted == instance.identifier:
        return Trust.ACCEPTED
    raise CiviparoisseError("import_unsigned", backup_id=manifest.backup_id, instance=instance.identifier)


def is_countersigned(data: bytes, manifest: Manifest, *, instance: Instance) -> bool:
    """Return whether a manager whose key is known here countersigned a copy of exactly this manifest."""
    copies = BackupCopy.objects.filter(backup__backup_id=manifest.backup_id, backup__instance=instance)
    same = copies.filter(manifest_sha256=compute_sha256(data)).select_related("backup__instance")
    return any(is_signed(list_facts(one), signature=one.countersignature, public=one.signed_by) for one in same)


def make_own_manifest(data: bytes, manifest: Manifest, *, instance: Instance, trust: Trust) -> bytes:
    """Return the manifest as it is to lie among the instance's sets: as it came where the instance's key signed it,
    else signed with that key, since every later verification asks for that. The same bytes each time."""
    if trust is Trust.SIGNED:
        return data
    if trust is Trust.ACCEPTED and ACCEPTED_WARNING not in manifest.warnings:
        manifest = dataclasses.replace(manifest, warnings=[*manifest.warnings, ACCEPTED_WARNING])
    return format_manifest(sign_manifest(manifest, key=get_key(instance)))


def get_key(instance: Instance) -> bytes:
    """Return the key that signs the instance's sets."""
    return str(instance.secrets["manifest_key"]).encode()
