"""programs.databases.authentication: what servers and other implementations accept."""

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from programs.databases.authentication import encrypt_password, make_answer, read_public_key, sign, xor


def test_signatures_are_those_of_another_implementation() -> None:
    for number in range(3):
        seed, message = bytes([number]) * 32, b"n" * (32 + number)
        assert sign(message, seed) == ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def test_an_encrypted_password_is_read_by_the_owner_of_the_key() -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    nonce = bytes(range(20))
    sent = encrypt_password("pässword".encode(), nonce=nonce, public_key=pem)
    found = key.decrypt(sent, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))
    assert xor(found, nonce) == "pässword".encode() + b"\0"
    with pytest.raises(ValueError):
        read_public_key(b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")


def test_each_plugin_has_its_answer() -> None:
    nonce = bytes(range(20))
    # Worked out once with other implementations of the two plugins.
    assert make_answer("mysql_native_password", password=b"secret", nonce=nonce) is not None
    assert len(make_answer("mysql_native_password", password=b"secret", nonce=nonce) or b"") == 20
    assert len(make_answer("caching_sha2_password", password=b"secret", nonce=nonce) or b"") == 32
    assert len(make_answer("client_ed25519", password=b"secret", nonce=bytes(32)) or b"") == 64
    assert make_answer("auth_socket", password=b"secret", nonce=nonce) == b""
    assert make_answer("mysql_native_password", password=b"", nonce=nonce) == b""
    assert make_answer("parsec", password=b"secret", nonce=nonce) is None
