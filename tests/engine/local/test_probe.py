"""Whatever answers on the port, the probe tells what it saw and never raises."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.local.ports import LOOPBACK
from engine.local.probe import read_page


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(timeout=120)


def make_answer(body: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.0 {status}\r\nContent-Type: text/html\r\n\r\n".encode() + body.encode()


def test_an_escaped_name_is_found() -> None:
    with answering(make_answer("<h1>L&#039;&lt;É&gt;glise &amp; Cie</h1>")) as port:
        assert read_page(port, host="www.example.org", expected="L'<É>glise & Cie").ok


def test_other_pages_are_told_apart() -> None:
    cases = {
        make_answer("Saint-Paul", "503 Service Unavailable"): "HTTP status 503",
        make_answer("Saint-Jean"): "the page does not show the parish's name",
        b"not http at all\r\n": "BadStatusLine",
        b"": "RemoteDisconnected",
    }
    for answer, detail in cases.items():
        with answering(answer) as port:
            result = read_page(port, host="www.example.org", expected="Saint-Paul")
        assert not result.ok
        assert result.detail.startswith(detail)


def test_nobody_listening_is_not_ok() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    assert not read_page(port, host="www.example.org", expected="x").ok
