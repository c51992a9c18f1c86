"""A proxy in front of the API server that answers wrongly on demand: conflicts, expired lists, too many requests,
failures, slowness, a connection cut in the middle of an answer. What it is not told to spoil goes through."""

import base64
import json
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from manifests.tls import make_tls_bundle
from tests.cluster.api import Account, parse_kubeconfig

SECONDS = 60.0
# Of one connection, not of the whole way: the proxy writes these itself.
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}
REASONS = {409: "Conflict", 410: "Expired", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}


@dataclass
class Fault:
    """Spoils the next `times` requests that `matches` (method, path with its query). `status`: answered instead, and
    the API server is not asked; None: it is asked. `seconds`: waited before. `cut`: half of the answer is sent, then
    the connection is closed. `met`: how often it happened."""

    matches: Callable[[str, str], bool]
    times: int = 1
    status: int | None = None
    seconds: float = 0.0
    cut: bool = False
    retry_after_seconds: int | None = None
    met: int = 0


@dataclass
class FaultProxy:
    """`kubeconfig`: leads through the proxy. `asked`: (method, path) of every request."""

    account: Account
    kubeconfig: str = ""
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        """Spoil some of the requests to come."""
        self.faults.append(fault)
        return fault

    def take_fault(self, method: str, path: str) -> Fault | None:
        """Note a request; return the fault that it meets."""
        with self.lock:
            self.asked.append((method, path))
            for fault in self.faults:
                if fault.met < fault.times and fault.matches(method, path):
                    fault.met += 1
                    return fault
        return None


@contextmanager
def serve_faults(kubeconfig: str) -> Iterator[FaultProxy]:
    """Context: a proxy in front of the API server of `kubeconfig`."""
    proxy = FaultProxy(parse_kubeconfig(kubeconfig))
    bundle = make_tls_bundle("proxy", "127.0.0.1", now=datetime.now(UTC))
    with tempfile.TemporaryDirectory() as place:
        certificate = Path(place) / "certificate"
        certificate.write_text(bundle.httpd_certificate + bundle.httpd_key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(proxy))
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    document = yaml.safe_load(kubeconfig)
    document["clusters"][0]["cluster"] = {
        "server": f"https://127.0.0.1:{server.server_address[1]}",
        "certificate-authority-data": base64.b64encode(bundle.ca_certificate.encode()).decode(),
    }
    proxy.kubeconfig = yaml.safe_dump(document)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _make_handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    context = ssl.create_default_context(cadata=proxy.account.authority.decode())
    target = urlsplit(proxy.account.server)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet.
        wbufsize = -1

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault = proxy.take_fault(self.command, self.path)
            if fault is not None:
                time.sleep(fault.seconds)
                if fault.status is not None:
                    self._answer(fault.status, _make_status(fault), _make_headers(fault))
                    return
            connection = HTTPSConnection(str(target.hostname), target.port, context=context, timeout=SECONDS)
            try:
                connection.request(self.command, self.path, body=body, headers=dict(self.headers.items()))
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
            self._answer(answer.status, content, headers, cut=fault is not None and fault.cut)

        def _answer(self, status: int, content: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)
            self.close_connection = cut

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names of http.server

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    return Handler


def _make_status(fault: Fault) -> bytes:
    code = int(fault.status or 0)
    document: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
    return json.dumps({**document, "reason": REASONS[code], "message": "injected by the tests"}).encode()


def _make_headers(fault: Fault) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if fault.retry_after_seconds is not None:
        headers["Retry-After"] = str(fault.retry_after_seconds)
    return headers
