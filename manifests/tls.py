"""Certificates of an instance: its own authority, the database's, the page's. Pure but for the keys' randomness.

UEPAL's chart makes leaf certificates of 365 days and keeps them for ever (docs/traps.md#certificates-for-ever); here
they are renewed, and what reads them restarts because their Secret's hash changed (manifests.checksums).
"""

import base64
import binascii
import dataclasses
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from domain.cluster import TlsBundle

CA_DAYS = 3650
LEAF_DAYS = 365
RENEW_DAYS = 30
DB_NAME = "civicrmdb"
# Machines whose clock is a little behind must not refuse a new certificate.
BACKDATED = timedelta(hours=1)
# X.520 upper bound of a common name; what verifies reads the alternative names.
COMMON_NAME_LENGTH = 64
# Field of the bundle -> key of the Secret `selfcert` (docs/domain.md#secrets), as templates write it.
SECRET_KEYS = {
    "ca_certificate": "dbcacert",
    "ca_key": "dbcakey",
    "db_certificate": "dbservercert",
    "db_key": "dbserverkey",
    "httpd_certificate": "externcert",
    "httpd_key": "externkey",
}


def make_tls_bundle(identifier: str, host: str, *, now: datetime) -> TlsBundle:
    """Return a new authority and two server certificates: `civicrmdb` with its names in the namespace `identifier`,
    and `host`. `now`: with a time zone."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _make_ca(identifier, key, now)
    ca_certificate, ca_key = _format_certificate(certificate), _format_key(key)
    db_certificate, db_key = _make_leaf(list_db_names(identifier), certificate, key, now)
    httpd_certificate, httpd_key = _make_leaf([host], certificate, key, now)
    return TlsBundle(
        ca_certificate=ca_certificate,
        ca_key=ca_key,
        db_certificate=db_certificate,
        db_key=db_key,
        httpd_certificate=httpd_certificate,
        httpd_key=httpd_key,
    )


def renew_tls_bundle(
    bundle: TlsBundle, identifier: str, host: str, *, now: datetime, before_days: int = RENEW_DAYS
) -> TlsBundle:
    """Return `bundle` with new server certificates in place of those that expire within `before_days`, that are for
    other names, or that the authority did not sign; the same bundle when nothing is to be done.

    The authority is kept while it outlives a new certificate; then everything is new, since whatever verifies reads
    it from the same Secret.
    """
    if find_expiry(bundle.ca_certificate) < now + timedelta(days=LEAF_DAYS):
        return make_tls_bundle(identifier, host, now=now)
    ca = x509.load_pem_x509_certificate(bundle.ca_certificate.encode())
    key = serialization.load_pem_private_key(bundle.ca_key.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != ca.public_key():
        return make_tls_bundle(identifier, host, now=now)
    limit = now + timedelta(days=before_days)
    changes: dict[str, str] = {}
    for part, names in (("db", list_db_names(identifier)), ("httpd", [host])):
        if not _is_good(getattr(bundle, f"{part}_certificate"), names, ca, limit):
            changes[f"{part}_certificate"], changes[f"{part}_key"] = _make_leaf(names, ca, key, now)
    return dataclasses.replace(bundle, **changes)


def list_expiries(bundle: TlsBundle) -> dict[str, datetime]:
    """Return when each certificate expires, in UTC: `ca`, `db`, `httpd`."""
    return {part: find_expiry(getattr(bundle, f"{part}_certificate")) for part in ("ca", "db", "httpd")}


def parse_tls_secret(data: Mapping[str, str]) -> TlsBundle | None:
    """Return the bundle of the Secret `selfcert` as the API server gives it (base64), None when it is not whole."""
    try:
        texts = {field: base64.b64decode(data[key], validate=True).decode() for field, key in SECRET_KEYS.items()}
        bundle = TlsBundle(**texts)
        list_expiries(bundle)
        for key in (bundle.ca_key, bundle.db_key, bundle.httpd_key):
            serialization.load_pem_private_key(key.encode(), password=None)
    except (KeyError, ValueError, TypeError, binascii.Error):
        return None
    return bundle


def list_db_names(identifier: str) -> list[str]:
    """Return the database's names, the shortest first: what mysqlrouter connects to, and its forms in the cluster."""
    return [DB_NAME, *(f"{DB_NAME}.{identifier}{end}" for end in ("", ".svc", ".svc.cluster.local"))]


def find_expiry(certificate: str) -> datetime:
    """Return when a PEM certificate expires, in UTC. Raise ValueError when it is none."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def _make_ca(identifier: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _make_name(f"{identifier} CA")
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = dict.fromkeys(
        "content_commitment key_encipherment data_encipherment key_agreement encipher_only decipher_only".split(), False
    )
    return (
        _start(name, name, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(identity, critical=False)
        .sign(key, hashes.SHA256())
    )


def _make_leaf(
    names: list[str], ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, now: datetime
) -> tuple[str, str]:
    """Return a server certificate for `names` and its key, as PEM texts."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    certificate = (
        _start(_make_name(names[0]), ca.subject, key.public_key(), now, LEAF_DAYS)
        .add_extension(x509.SubjectAlternativeName(_make_general_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return _format_certificate(certificate), _format_key(key)


def _start(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=days))
    )


def _is_good(pem: str, names: list[str], ca: x509.Certificate, limit: datetime) -> bool:
    """Return whether a certificate is for exactly `names`, signed by `ca`, and valid until after `limit`."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        certificate.verify_directly_issued_by(ca)
        hosts = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, x509.ExtensionNotFound, InvalidSignature):
        return False
    return certificate.not_valid_after_utc > limit and list(hosts) == _make_general_names(names)


def _make_general_names(names: list[str]) -> list[x509.GeneralName]:
    return [_make_general_name(name) for name in names]


def _make_general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _make_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:COMMON_NAME_LENGTH])])


def _format_certificate(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _format_key(key: ec.EllipticCurvePrivateKey) -> str:
    # PKCS 8, without a password: servers read it unattended, from a Secret.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
