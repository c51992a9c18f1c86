"""What the suite takes for an error: a socket left open, but for the one that the interpreter itself leaves."""

import contextlib
import gc
import socket
import ssl
import struct
import warnings

import pytest


def connect(listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Return both ends of a connection: the asker's, the listener's."""
    asker = socket.create_connection(listener.getsockname())
    return asker, listener.accept()[0]


def test_a_peer_that_resets_before_tls_is_no_warning() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asker, other = connect(listener)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()
        # Interpreters before 3.11.5 do not notice, and give the socket back.
        with contextlib.suppress(ConnectionResetError):
            ssl.create_default_context().wrap_socket(asker, server_hostname="localhost").close()
        gc.collect()


def test_a_socket_that_somebody_forgot_is_still_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asker, other = connect(listener)
        with other:
            forgotten = ssl.create_default_context().wrap_socket(
                asker, server_hostname="localhost", do_handshake_on_connect=False
            )
            text = f"unclosed {forgotten!r}"
            with pytest.raises(ResourceWarning):
                warnings.warn(text, ResourceWarning, stacklevel=1)
            forgotten.close()
