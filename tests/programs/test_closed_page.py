"""The page of a closed site as visitors get it, over real connections."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from programs import closed_page
from programs.closed_page import LEAST_RETRY_SECONDS, RETRY_SECONDS, Pages, Server, main, make_tls, parse_pages
from tests.certificates import Authority

PAGES = Pages("Le site est fermé.", "C’est plus long.", None)


@contextmanager
def serve(pages: Pages = PAGES, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run the server; yield its port."""
    with Server((address, 0), pages, tls=tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def ask(port: int, *, method: str = "GET", path: str = "/", body: bytes | None = None) -> http.client.HTTPResponse:
    """Ask as a browser does; the answer's body is still to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body=body)
    return connection.getresponse()


@pytest.mark.parametrize("path", ["/", "/user/login?x=%00", "/sites/default/files/a.pdf", "/" + "a" * 4000])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "DELETE"])
def test_whatever_is_asked_for_is_answered_alike(method: str, path: str) -> None:
    with serve() as port:
        answer = ask(port, method=method, path=path)
        assert (answer.status, answer.read().decode()) == (503, "Le site est fermé.")
        headers = dict(answer.getheaders())
    assert headers["Retry-After"] == str(RETRY_SECONDS)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store", "nobody keeps it for later"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"].strip() == "closed", "no version of anything"


def test_a_look_without_the_page_gets_its_length_alone() -> None:
    with serve() as port:
        answer = ask(port, method="HEAD")
        assert (answer.status, answer.read()) == (503, b"")
        assert answer.getheader("Content-Length") == str(len("Le site est fermé.".encode()))


def test_the_promise_is_kept_or_taken_back() -> None:
    pages = Pages("à 14:32", "C’est plus long.", back_at=10_000.0)
    assert (pages.select(9_000.0).body.decode(), pages.select(9_000.0).retry_seconds) == ("à 14:32", 1000)
    assert pages.select(9_999.0).retry_seconds == LEAST_RETRY_SECONDS
    late = pages.select(10_000.0)
    assert (late.body.decode(), late.retry_seconds) == ("C’est plus long.", RETRY_SECONDS)


@pytest.mark.parametrize(
    "sent", [b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"BREW / HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_request_harms_nobody_and_tells_nothing(sent: bytes) -> None:
    with serve() as port:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as visitor:
            visitor.sendall(sent)
            visitor.shutdown(socket.SHUT_WR)
            told = b"".join(iter(lambda: visitor.recv(65536), b""))
        assert b"Python" not in told and b" 200 " not in told
        assert ask(port).status == 503


def test_more_visitors_than_there_is_room_for_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closed_page, "MOST_VISITORS", 2)
    with serve() as port:
        silent = [socket.create_connection(("127.0.0.1", port), timeout=60) for _number in range(2)]
        # Both have a thread once a third is closed at once, before it has said anything.
        deadline = time.monotonic() + 60
        while True:
            with socket.create_connection(("127.0.0.1", port), timeout=0.5) as third:
                try:
                    if third.recv(1) == b"":
                        break
                except (TimeoutError, ConnectionResetError):
                    pass
            assert time.monotonic() < deadline
        for one in silent:
            one.close()
        while True:
            try:
                assert ask(port).status == 503
                break
            except (http.client.HTTPException, OSError):
                assert time.monotonic() < deadline


def test_it_speaks_tls_and_a_visitor_who_does_not_holds_up_nobody(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.sign("localhost")
    tls = make_tls({"TLS_CERT_FILE": str(certificate), "TLS_KEY_FILE": str(key)})
    assert make_tls({}) is None
    with serve(tls=tls, address="::") as port:
        with socket.create_connection(("127.0.0.1", port), timeout=60):
            context = ssl.create_default_context(cafile=str(authority.path))
            connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
            connection.request("GET", "/")
            answer = connection.getresponse()
            assert (answer.status, answer.read().decode()) == (503, PAGES.page)
            connection.close()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"page": 1, "late_page": "", "back_at": null}', "null"])
def test_a_document_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own is one
        parse_pages(text)


def test_a_page_that_is_not_there_ends_the_program_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"CLOSED_PAGE_FILE": "/nowhere", "CLOSED_PAGE_ADDRESS": "127.0.0.1", "CLOSED_PAGE_PORT": "0"}
    assert main(given) == 1 and main({}) == 1
    assert "cannot be shown" in capsys.readouterr().err
