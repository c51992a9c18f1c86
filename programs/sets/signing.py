"""The signature of a manifest: canonical JSON and HMAC-SHA256."""

import dataclasses
import hashlib
import hmac
import json
from typing import Any

from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, Manifest, Signature, parse_manifest

ALGORITHM = "HMAC-SHA256"


def make_canonical(document: object) -> bytes:
    """The one byte form of a JSON document: sorted keys, no spaces, ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def compute_sha256(data: bytes) -> str:
    """sha256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def compute_key_id(key: bytes) -> str:
    """Sixteen hexadecimal digits that name a key and tell nothing of it."""
    return hmac.new(key, b"civiparoisse manifest key id", hashlib.sha256).hexdigest()[:16]


def compute_signature(document: dict[str, Any], *, key: bytes) -> str:
    """HMAC of the document without its `signature`."""
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    return hmac.new(key, make_canonical(unsigned), hashlib.sha256).hexdigest()


def sign_manifest(manifest: Manifest, *, key: bytes) -> Manifest:
    """The manifest with its signature."""
    value = compute_signature(dataclasses.asdict(manifest), key=key)
    return dataclasses.replace(manifest, signature=Signature(ALGORITHM, compute_key_id(key), value))


def format_manifest(manifest: Manifest) -> bytes:
    """The bytes of manifest.json, for people to read."""
    return json.dumps(dataclasses.asdict(manifest), indent=1, sort_keys=True, ensure_ascii=True).encode() + b"\n"


def check_signature(data: bytes, *, key: bytes) -> None:
    """Raise ProgramError signature_invalid unless the manifest's bytes were signed with this key."""
    manifest = parse_manifest(data)
    signature = manifest.signature
    hint = "the set was altered, or made by another manager: do not restore it"
    if signature is None or signature.algorithm != ALGORITHM:
        raise ProgramError("signature_invalid", f"{NAME} has no signature", hint=hint)
    if signature.key_id != compute_key_id(key):
        message = f"{NAME} was signed with another key ({signature.key_id})"
        raise ProgramError("signature_invalid", message, hint=hint, params={"key_id": signature.key_id})
    expected = compute_signature(json.loads(data), key=key)
    # As bytes: compare_digest raises on text beyond ASCII, which anybody may have written there.
    if not hmac.compare_digest(signature.value.encode(errors="surrogatepass"), expected.encode()):
        raise ProgramError("signature_invalid", f"{NAME} does not match its signature", hint=hint)
