"""Certificates for servers of tests: an authority of their own, as an organisation runs one."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Authority:
    """One authority, whose certificate lies at `path`; what it signs lies beside it."""

    def __init__(self, directory: Path, name: str = "authority") -> None:
        self.directory, self.path = directory, directory / f"{name}.pem"
        directory.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        no = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
        no |= dict.fromkeys(("digital_signature", "encipher_only", "decipher_only"), False)
        usage = x509.KeyUsage(**no, key_cert_sign=True, crl_sign=True)
        builder = self._begin(self.name, self.key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        own = builder.add_extension(usage, critical=True).sign(self.key, hashes.SHA256())
        self.path.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def _begin(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(subject_name=subject, issuer_name=self.name, public_key=key)
        builder = builder.serial_number(x509.random_serial_number())
        own_id = x509.SubjectKeyIdentifier.from_public_key(key)
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(own_id, critical=False).add_extension(signer, critical=False)
        return builder.not_valid_before(now - DAY).not_valid_after(now + 30 * DAY)

    def sign(self, name: str, *, address: str = "127.0.0.1") -> tuple[Path, Path]:
        """Make a certificate for `name` at an address; return its file and its key's, which only its owner may read."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names: list[x509.GeneralName] = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address(address))]
        builder = self._begin(subject, key.public_key())
        signed = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).sign(
            self.key, hashes.SHA256()
        )
        certificate, private = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        private.touch(mode=0o600)
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, private
