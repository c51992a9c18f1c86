"""Networks that fail, for tests: a real TCP proxy that cuts, and a real HTTP one that alters what it passes on."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

CHUNK_BYTES = 4096
# Headers that are of one connection only.
HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class CuttingProxy:
    """Passes connections on to a server. While `most_bytes` is set, each is cut off once so many were sent to it."""

    def __init__(self, port: int) -> None:
        self.target, self.most_bytes, self.cuts = port, -1, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as server:
            back = threading.Thread(target=self._pass, args=(server, client, False), daemon=True)
            back.start()
            self._pass(client, server, True)
            back.join()

    def _pass(self, source: socket.socket, sink: socket.socket, is_counted: bool) -> None:
        sent = 0
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                sent += len(data)
                if is_counted and 0 <= self.most_bytes < sent:
                    self.cuts += 1
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cutting_proxy(address: str) -> Iterator[CuttingProxy]:
    """Run such a proxy before a server."""
    proxy = CuttingProxy(urlsplit(address).port or 80)
    try:
        yield proxy
    finally:
        proxy.close()


@contextlib.contextmanager
def altering_proxy(address: str, alter: Callable[[str, str, bytes], bytes]) -> Iterator[str]:
    """Run a proxy before an HTTP server; what comes back is given to `alter` (method, path, body). Its headers, and so
    the checksums that are told, stay as they were."""
    target = urlsplit(address)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=180)
            with contextlib.closing(connection):
                connection.request(self.command, self.path, body=body, headers=dict(self.headers.items()))
                answer = connection.getresponse()
                content = alter(self.command, self.path, answer.read())
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _serve  # noqa: N815 - the library's names

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
