"""The real server under three hundred slow clients: whoever asks as people do is answered at once."""

import contextlib
import resource
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from civiparoisse.web import MOST_BODY_BYTES, Channel, make_server, raise_file_limit
from tests.fleet import Fleet, wait_until
from tests.servers import find_free_port

CLIENTS = 100  # of each sort
ANSWER_SECONDS = 10.0
HEAD = (
    b"POST /api/v1/tenants/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
)
BIG = 8 * 1024**2


@pytest.fixture
def port() -> Iterator[int]:
    """The manager's web server as `services.py` starts it, on a port of its own."""
    fleet = Fleet()
    try:
        chosen = find_free_port()
        fleet.start_web(chosen)
        wait_until(lambda: answers(chosen), seconds=180, what="the server answers")
        yield chosen
    finally:
        fleet.stop()


def answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return ask(port, "/healthz").startswith(b"HTTP/1.1 200")
    return False


def ask(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer


def connect_slowly(port: int, begin: bytes, *, count: int = CLIENTS, window: int | None = None) -> list[socket.socket]:
    clients = []
    for _ in range(count):
        client = socket.socket()
        if window is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        client.settimeout(ANSWER_SECONDS)
        client.connect(("127.0.0.1", port))
        client.sendall(begin)
        clients.append(client)
    return clients


def test_three_hundred_slow_clients_hold_up_nobody(port: int) -> None:
    clients = connect_slowly(port, b"GET /healthz HTTP/1.1\r\nHost: 127.0")
    clients += connect_slowly(port, HEAD + b"\r\n{")
    # Readers that never read what they asked for.
    clients += connect_slowly(port, b"GET /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20, window=1)
    try:
        for _ in range(3):
            began = time.monotonic()
            assert ask(port, "/healthz").startswith(b"HTTP/1.1 200")
            assert ask(port, "/admin/login/").startswith(b"HTTP/1.1 200")
            assert time.monotonic() - began < ANSWER_SECONDS
            for client in clients[: 2 * CLIENTS]:
                client.sendall(b".")  # another byte each: they are slow, not silent
    finally:
        for client in clients:
            client.close()


def serve(application: Any) -> tuple[Any, int]:
    """Serve an application of a test from a thread; return the server and its port."""
    server = make_server(application, host="127.0.0.1", port=0, behind_tls=False)
    threading.Thread(target=server.run, daemon=True).start()
    return server, server.socket.getsockname()[1]


def stop_serving(server: Any) -> None:
    server.close()


def test_readers_of_large_answers_hold_no_thread() -> None:
    def answer(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Length", str(BIG))])
        return [b"x" * BIG]

    server, port = serve(answer)
    clients = connect_slowly(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", count=30, window=4096)
    try:
        began = time.monotonic()
        assert len(ask(port, "/")) > BIG
        assert time.monotonic() - began < 2 * ANSWER_SECONDS
    finally:
        for client in clients:
            client.close()
        stop_serving(server)


def test_a_request_that_never_ends_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Channel, "request_seconds", 0.5)
    server, port = serve(lambda _environ, start: start("204 No Content", []) or [])
    (client,) = connect_slowly(port, b"GET / HTTP/1.1\r\nX: ", count=1)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ)
            deadline = time.monotonic() + ANSWER_SECONDS
            while not selector.select(0.05):
                assert time.monotonic() < deadline
                with contextlib.suppress(OSError):
                    client.sendall(b"a")
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(100) == b""
    finally:
        client.close()
        stop_serving(server)


def test_a_body_beyond_the_most_is_refused_without_reading_it() -> None:
    server, port = serve(lambda _environ, start: start("204 No Content", []) or [])
    (client,) = connect_slowly(
        port, f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST_BODY_BYTES + 1}\r\n\r\n".encode(), count=1
    )
    with client:
        assert client.recv(100).startswith(b"HTTP/1.1 413")
    stop_serving(server)


def test_a_chunked_body_arrives_whole() -> None:
    bodies = []

    def answer(environ: Any, start: Any) -> list[bytes]:
        bodies.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start("204 No Content", [])
        return []

    server, port = serve(answer)
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    (client,) = connect_slowly(port, chunked, count=1)
    with client:
        assert client.recv(100).startswith(b"HTTP/1.1 204")
    assert bodies == [b"abcde"]
    stop_serving(server)


@pytest.mark.parametrize(("behind_tls", "seen"), [(True, "https 203.0.113.7"), (False, "http 127.0.0.1")])
def test_only_a_proxy_that_is_there_is_believed(behind_tls: bool, seen: str) -> None:
    def answer(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']}".encode()]

    server = make_server(answer, host="127.0.0.1", port=0, behind_tls=behind_tls)
    threading.Thread(target=server.run, daemon=True).start()
    head = b"GET / HTTP/1.0\r\nHost: x\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n"
    (client,) = connect_slowly(server.socket.getsockname()[1], head, count=1)
    with client:
        text = b""
        while data := client.recv(1000):
            text += data
    assert text.endswith(seen.encode())
    stop_serving(server)


def test_the_limit_of_open_files_bounds_the_connections() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1024));"
        "from civiparoisse.web import raise_file_limit; print(raise_file_limit(4000), raise_file_limit(100))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.split() == ["412", "100"]
    assert raise_file_limit(100) == 100
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 200
