"""How a client proves its password to a server, by the plugin the server names; the standard library is enough.

Formats: MySQL's manual, Authentication Plugins, and the protocol's documentation (Connection Phase); ed25519: RFC 8032,
with the password in the place of the seed, as MariaDB does.
"""

import base64
import hashlib
import os

PLUGINS = ("mysql_native_password", "caching_sha2_password", "client_ed25519", "auth_socket", "unix_socket")


def make_answer(plugin: str, *, password: bytes, nonce: bytes) -> bytes | None:
    """The first answer to a server that asks for this plugin; None for one that is not known."""
    if plugin in ("auth_socket", "unix_socket"):
        return b""
    if plugin not in PLUGINS:
        return None
    if not password:
        return b""
    if plugin == "client_ed25519":
        return sign(nonce[:32], password)
    digest = hashlib.sha1 if plugin == "mysql_native_password" else hashlib.sha256
    once = digest(password, usedforsecurity=False).digest()
    twice = digest(once, usedforsecurity=False).digest()
    nonce = nonce[:20]
    mixed = nonce + twice if plugin == "mysql_native_password" else twice + nonce
    return xor(once, digest(mixed, usedforsecurity=False).digest())


def xor(left: bytes, right: bytes) -> bytes:
    """Byte by byte; the right one is repeated as often as needed."""
    return bytes(a ^ right[i % len(right)] for i, a in enumerate(left))


def encrypt_password(password: bytes, *, nonce: bytes, public_key: bytes) -> bytes:
    """The password for the server that owns this RSA key (PEM), padded by OAEP with SHA-1 (RFC 8017, 7.1.1)."""
    modulus, exponent = read_public_key(public_key)
    size = (modulus.bit_length() + 7) // 8
    message = xor(password + b"\0", nonce[:20])
    empty = hashlib.sha1(b"", usedforsecurity=False).digest()
    block = empty + bytes(size - len(message) - 2 * len(empty) - 2) + b"\1" + message
    seed = os.urandom(len(empty))
    masked = xor(block, make_mask(seed, len(block)))
    padded = b"\0" + xor(seed, make_mask(masked, len(seed))) + masked
    return pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(size, "big")


def make_mask(seed: bytes, size: int) -> bytes:
    """MGF1 with SHA-1 (RFC 8017, B.2.1)."""
    blocks = range((size + 19) // 20)
    return b"".join(hashlib.sha1(seed + i.to_bytes(4, "big"), usedforsecurity=False).digest() for i in blocks)[:size]


def read_public_key(pem: bytes) -> tuple[int, int]:
    """Modulus and exponent of an RSA key in PEM. Raise ValueError."""
    lines = [line for line in pem.strip().splitlines() if not line.startswith(b"-")]
    data = base64.b64decode(b"".join(lines))
    body = read_der(data, 0x30)[0]
    _, rest = read_der(body, 0x30)
    bits, _ = read_der(rest, 0x03)
    numbers, _ = read_der(bits[1:], 0x30)
    modulus, rest = read_der(numbers, 0x02)
    exponent, _ = read_der(rest, 0x02)
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def read_der(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the element that begins here, and what follows it. Raise ValueError for another tag."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("not a public key")
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    return data[start : start + size], data[start + size :]


PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
BASE_Y = 4 * pow(5, -1, PRIME) % PRIME
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
Point = tuple[int, int, int, int]
BASE: Point = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % PRIME)


def add_points(one: Point, other: Point) -> Point:
    """The sum, in extended coordinates (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c, d = 2 * one[3] * other[3] * D % PRIME, 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def multiply_base(factor: int) -> bytes:
    """The base point so many times, as 32 bytes."""
    total: Point = (0, 1, 1, 0)
    point = BASE
    while factor:
        if factor & 1:
            total = add_points(total, point)
        point = add_points(point, point)
        factor >>= 1
    inverse = pow(total[2], -1, PRIME)
    x, y = total[0] * inverse % PRIME, total[1] * inverse % PRIME
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


def sign(message: bytes, password: bytes) -> bytes:
    """The signature of a message (RFC 8032, 5.1.6)."""
    hashed = hashlib.sha512(password).digest()
    secret = int.from_bytes(hashed[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    public = multiply_base(secret)
    number = int.from_bytes(hashlib.sha512(hashed[32:] + message).digest(), "little") % ORDER
    point = multiply_base(number)
    challenge = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % ORDER
    return point + ((number + challenge * secret) % ORDER).to_bytes(32, "little")
