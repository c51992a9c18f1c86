"""Answers visitors of a closed site with one page: status 503, and when to come back.

Run as `python3 -m programs.closed_page`. CLOSED_PAGE_FILE: the page in JSON (domain/closed_page.py);
CLOSED_PAGE_ADDRESS and CLOSED_PAGE_PORT: where to listen; TLS_CERT_FILE and TLS_KEY_FILE: by TLS, where they are given.
Reads nothing of what visitors send but the method, knows no secret but its key, and ends when it is told to.
"""

import json
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# A visitor who sends or takes nothing for so long is let go; more than so many at once are let go at once.
VISITOR_SECONDS = 10.0
MOST_VISITORS = 64
# When nothing was promised, and at least: search engines and browsers come back after that.
RETRY_SECONDS = 600
LEAST_RETRY_SECONDS = 60
# Of a visitor's thread: a fleet of small limits has no room for eight megabytes each.
STACK_BYTES = 256 * 1024
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Language": "fr",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Answer:
    """What a visitor gets: the page, and after how many seconds to come back."""

    body: bytes
    retry_seconds: int


@dataclass(frozen=True)
class Pages:
    """What was given to be shown. `back_at`: seconds since 1970, None where nothing is promised."""

    page: str
    late_page: str
    back_at: float | None

    def select(self, now: float) -> Answer:
        """Return the answer at a moment: from `back_at` on the page says that it takes longer."""
        if self.back_at is None:
            return Answer(self.page.encode(), RETRY_SECONDS)
        if now >= self.back_at:
            return Answer(self.late_page.encode(), RETRY_SECONDS)
        return Answer(self.page.encode(), max(LEAST_RETRY_SECONDS, round(self.back_at - now)))


def parse_pages(text: str) -> Pages:
    """Return the pages of a document. Raise ValueError for one that is none."""
    content = json.loads(text)
    try:
        page, late_page, back_at = content["page"], content["late_page"], content["back_at"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no pages: {type(error).__name__}") from error
    if not (isinstance(page, str) and isinstance(late_page, str) and isinstance(back_at, int | float | None)):
        raise ValueError("no pages: wrong types")
    return Pages(page, late_page, back_at)


class Visit(BaseHTTPRequestHandler):
    """Answers every request alike, whatever was asked for; the line of a request is not written down."""

    server_version = "closed"
    sys_version = ""
    timeout = VISITOR_SECONDS
    pages: Pages

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        """Answer a visitor."""
        answer = self.pages.select(time.time())
        # What may follow (a form, a file) is not read.
        self.close_connection = True
        self.send_response(503)
        headers = {**HEADERS, "Retry-After": str(answer.retry_seconds), "Content-Length": str(len(answer.body))}
        for name, value in {**headers, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Write nothing: addresses of visitors are nobody's business here."""


class Server(ThreadingHTTPServer):
    """Serves so many visitors at once and no more. `tls`: None for plain HTTP."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], pages: Pages, *, tls: ssl.SSLContext | None) -> None:
        self.tls = tls
        self.room = threading.BoundedSemaphore(MOST_VISITORS)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, type("Visit", (Visit,), {"pages": pages}))

    def server_bind(self) -> None:
        """Listen, without asking for the name of this machine; an address of all listens for both kinds."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "closed", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a visitor a thread, or let it go where there are too many."""
        if not self.room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread could be started
            self.room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one visitor. TLS is agreed on here: whoever is slow in it holds up nobody else."""
        try:
            request.settimeout(VISITOR_SECONDS)
            if self.tls is not None:
                request = self.tls.wrap_socket(request, server_side=True)
            super().process_request_thread(request, client_address)
        except (OSError, ValueError):
            self.shutdown_request(request)
        finally:
            self.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who went away is no error."""


def make_tls(environment: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return how to speak TLS, None where no certificate was given."""
    if "TLS_CERT_FILE" not in environment:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(environment["TLS_CERT_FILE"], environment["TLS_KEY_FILE"])
    return context


def main(environment: Mapping[str, str]) -> int:
    """Serve until told to end; return the exit code."""
    try:
        pages = parse_pages(Path(environment["CLOSED_PAGE_FILE"]).read_text(encoding="utf-8"))
        address = environment["CLOSED_PAGE_ADDRESS"], int(environment["CLOSED_PAGE_PORT"])
        server = Server(address, pages, tls=make_tls(environment))
    except (KeyError, OSError, ValueError) as error:
        sys.stderr.write(f"error: the page of the closed site cannot be shown: {type(error).__name__}: {error}\n")
        return 1
    threading.stack_size(STACK_BYTES)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
