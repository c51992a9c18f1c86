"""One connection to a server that takes one statement at a time: never more, whatever stands in the text.

The clients of both vendors ask the server to take several statements at once, so that who can smuggle a semicolon past
a reader runs a second one. Here that is not asked for (CLIENT_MULTI_STATEMENTS), nor are files of ours given out
(CLIENT_LOCAL_FILES): the server itself refuses. Protocol: MySQL's Client/Server Protocol, text protocol.
"""

import socket
import ssl
from types import TracebackType
from typing import Self

from programs.databases.authentication import encrypt_password, make_answer
from programs.databases.client import CONNECT_SECONDS, make_database_error
from programs.databases.patience import PATIENT
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from programs.run.streams import STALL_SECONDS

# LONG_PASSWORD, LONG_FLAG, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH, PLUGIN_AUTH_LENENC_DATA
CAPABILITIES = 0x1 | 0x4 | 0x200 | 0x2000 | 0x8000 | 0x80000 | 0x200000
WITH_DATABASE, WITH_TLS = 0x8, 0x800
PACKET_BYTES = 0xFFFFFF
KEEPALIVE_SECONDS = 60
UTF8MB4 = 45  # utf8mb4_general_ci
QUERY, QUIT = b"\x03", b"\x01"
OK, MORE, FILE, SWITCH, ERROR = 0x00, 0x01, 0xFB, 0xFE, 0xFF

Rows = list[tuple[bytes | None, ...]]


class Connection:
    """Open as long as the context lasts. One thread at a time, but `stop` may be called by any."""

    def __init__(self, access: ServerAccess, *, database: str = "") -> None:
        """Connect and sign in. Raise ProgramError (``database_unreachable``, ``database_refused``)."""
        self._access = access
        self._sequence = 0
        self._waiting = bytearray()
        self._begun = False
        try:
            self._socket = open_socket(access)
            try:
                self._sign_in(database.encode())
                self._socket.settimeout(STALL_SECONDS)
                self.run(PATIENT)
            except BaseException:
                self._socket.close()
                raise
        except OSError as error:
            raise make_lost(f"ERROR 2002: {type(error).__name__}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, also while another thread waits for an answer; may be repeated."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def run(self, sql: str | bytes) -> Rows:
        """Run one statement, return its rows. Raise ProgramError."""
        return self.send(sql.encode() if isinstance(sql, str) else sql, last=True)

    def send(self, text: bytes, *, last: bool) -> Rows:
        """Send a statement, or the next piece of one; after the last piece wait for the answer."""
        try:
            if not self._begun:
                self._sequence, self._begun = 0, True
                self._waiting += QUERY
            self._waiting += text
            while len(self._waiting) >= PACKET_BYTES:
                self._write_packet(bytes(self._waiting[:PACKET_BYTES]))
                del self._waiting[:PACKET_BYTES]
            if not last:
                return []
            self._write_packet(bytes(self._waiting))
            self._waiting.clear()
            self._begun = False
            return self._read_result()
        except (OSError, ValueError) as error:
            raise make_lost(f"ERROR 2013: lost the server: {error}") from error

    def _write_packet(self, payload: bytes) -> None:
        header = len(payload).to_bytes(3, "little") + bytes([self._sequence])
        self._socket.sendall(header + payload if len(payload) < 4096 else header)
        if len(payload) >= 4096:
            self._socket.sendall(payload)
        self._sequence = (self._sequence + 1) % 256

    def _read_exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            part = self._socket.recv(min(size - len(parts), 1 << 20))
            if not part:
                raise OSError("the connection ended")
            parts += part
        return bytes(parts)

    def _read_packet(self) -> bytes:
        payload = b""
        while True:
            header = self._read_exactly(4)
            self._sequence = (header[3] + 1) % 256
            size = int.from_bytes(header[:3], "little")
            payload += self._read_exactly(size)
            if size < PACKET_BYTES:
                break
        if not payload:
            raise OSError("the server sent an empty answer")
        if payload[0] == ERROR:
            raise make_server_error(payload)
        return payload

    def _read_result(self) -> Rows:
        first = self._read_packet()
        if first[0] == OK:
            return []
        if first[0] == FILE:
            raise OSError("the server asked for a file")
        columns, _ = read_length(first, 0)
        for _ in range(columns):
            self._read_packet()
        self._read_packet()  # the end of the columns
        rows: Rows = []
        while not is_end(packet := self._read_packet()):
            rows.append(read_row(packet, columns))
        return rows

    def _sign_in(self, database: bytes) -> None:
        hello = self._read_packet()
        if hello[0] != 10:
            raise OSError("the server speaks another protocol")
        version, place = read_text(hello, 1)
        place += 4
        nonce = hello[place : place + 8]
        offered = int.from_bytes(hello[place + 9 : place + 11] + hello[place + 14 : place + 16], "little")
        size = max(13, hello[place + 16] - 8)
        nonce += hello[place + 27 : place + 27 + size].rstrip(b"\0")[: size - 1]
        plugin = read_text(hello, place + 27 + size)[0].decode()
        capabilities = CAPABILITIES | (WITH_DATABASE if database else 0)
        if offered & WITH_TLS and self._wants_tls(version):
            capabilities |= WITH_TLS
            self._write_packet(make_login_head(capabilities))
            self._socket = wrap(self._socket)
        password = self._access.password.encode()
        answer = make_answer(plugin, password=password, nonce=nonce)
        if answer is None:
            plugin, answer = "mysql_native_password", b""  # the server then names what it wants
        user = self._access.user.encode() + b"\0"
        named = database + b"\0" if database else b""
        login = user + bytes([len(answer)]) + answer + named + plugin.encode() + b"\0"
        self._write_packet(make_login_head(capabilities) + login)
        self._prove(plugin, password=password, nonce=nonce)

    def _wants_tls(self, version: bytes) -> bool:
        """Tell whether to encrypt: always over a network; MySQL's plugin wants it on the machine itself, too."""
        if self._access.socket is not None:
            return False
        return b"MariaDB" not in version or self._access.host not in ("127.0.0.1", "::1", "localhost")

    def _prove(self, plugin: str, *, password: bytes, nonce: bytes) -> None:
        """Answer until the server is satisfied. Raise ProgramError."""
        while (packet := self._read_packet())[0] != OK:
            if packet[0] == SWITCH:
                name, place = read_text(packet, 1)
                plugin, nonce = name.decode(), packet[place:].removesuffix(b"\0")
                answer = make_answer(plugin, password=password, nonce=nonce)
                if answer is None:
                    raise make_refused(f"the account signs in by {plugin}, which this program does not know")
                self._write_packet(answer)
            elif packet[0] == MORE and packet[1:] == b"\x04" and plugin == "caching_sha2_password":
                self._send_password(password, nonce)
            elif not (packet[0] == MORE and packet[1:] == b"\x03"):
                raise OSError("the server asked for something unknown")

    def _send_password(self, password: bytes, nonce: bytes) -> None:
        """The whole password, over what nobody reads, or encrypted for the server's own key."""
        if isinstance(self._socket, ssl.SSLSocket) or self._access.socket is not None:
            self._write_packet(password + b"\0")
            return
        self._write_packet(b"\x02")
        self._write_packet(encrypt_password(password, nonce=nonce, public_key=self._read_packet()[1:]))


def open_socket(access: ServerAccess) -> socket.socket:
    """A socket to the server."""
    if access.socket is None:
        opened = socket.create_connection((access.host, access.port), timeout=CONNECT_SECONDS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # What lies between forgets who says nothing; whoever is gone is noticed.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
        return opened
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.settimeout(CONNECT_SECONDS)
        opened.connect(access.socket)
    except BaseException:
        opened.close()
        raise
    return opened


def wrap(opened: socket.socket) -> ssl.SSLSocket:
    """The socket, encrypted; the server's certificate is its own, so nobody vouches for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(opened)


def make_login_head(capabilities: int) -> bytes:
    """What begins a login, and a wish for TLS."""
    return capabilities.to_bytes(4, "little") + (1 << 30).to_bytes(4, "little") + bytes([UTF8MB4]) + bytes(23)


def read_text(data: bytes, place: int) -> tuple[bytes, int]:
    """The text up to the next NUL, and where it goes on."""
    end = data.find(b"\0", place)
    end = len(data) if end < 0 else end
    return data[place:end], end + 1


def read_length(data: bytes, place: int) -> tuple[int, int]:
    """A length-encoded number, and where it goes on."""
    first = data[place]
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first, 0)
    if not size:
        return first, place + 1
    return int.from_bytes(data[place + 1 : place + 1 + size], "little"), place + 1 + size


def read_row(packet: bytes, columns: int) -> tuple[bytes | None, ...]:
    """The cells of a row; None is NULL."""
    cells: list[bytes | None] = []
    place = 0
    for _ in range(columns):
        if packet[place] == 0xFB:
            cells.append(None)
            place += 1
            continue
        size, place = read_length(packet, place)
        cells.append(packet[place : place + size])
        place += size
    return tuple(cells)


def is_end(packet: bytes) -> bool:
    """Tell the mark that ends columns or rows."""
    return packet[0] == 0xFE and len(packet) < 9


def make_server_error(packet: bytes) -> ProgramError:
    """What the server says of a statement or an account it refuses."""
    number = int.from_bytes(packet[1:3], "little")
    text = packet[9:] if packet[3:4] == b"#" else packet[3:]
    said = text.decode(errors="backslashreplace").replace("\n", " ")[:600]
    return make_database_error(ProgramError("stage_failed", f"the server refused: ERROR {number:04}: {said}"))


def make_lost(said: str) -> ProgramError:
    """The error of a server that is not there, or went away."""
    return make_database_error(ProgramError("stage_failed", said, retryable=True))


def make_refused(what: str) -> ProgramError:
    """The error of an account that cannot sign in."""
    hint = "give the account the usual plugin of its server"
    return ProgramError("database_refused", what, hint=hint, params={"number": 2059})
