"""Serves pages and API: `python -m civiparoisse.web HOST:PORT`.

waitress reads whole requests and sends whole answers from one loop, without a thread for either: however many clients
are slow, and in whatever (headers, bodies, reading), the threads only ever work. A client that takes too long for one
request, or says nothing, is let go.
"""

import resource
import signal
import sys
import time
from types import FrameType
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import create_server

THREADS = 8
MOST_CONNECTIONS = 4000
# Nothing heard and nothing taken for so long: gone.
SILENT_SECONDS = 30
# From its first byte to its last; the largest that is taken comes at 85 kB/s in that time.
REQUEST_SECONDS = 240
MOST_BODY_BYTES = 20 * 1024**2
# What a slow reader has not taken yet waits in a file beyond the first MiB, so that its thread is free at once.
ANSWER_BYTES = 1024**3


class Channel(HTTPChannel):
    """One connection, which must send each of its requests within REQUEST_SECONDS."""

    request_seconds = REQUEST_SECONDS
    began: float | None = None

    def received(self, data: bytes) -> bool:
        """Take what came; close the connection when the request has been coming for too long."""
        now = time.monotonic()
        if self.request is None or self.began is None:
            self.began = now
        elif now - self.began > self.request_seconds:
            self.will_close = True
            return False
        return bool(super().received(data))


def make_server(application: Any, *, host: str, port: int, behind_tls: bool) -> Any:
    """Return a server that listens, of which `run()` serves. `behind_tls`: believe what a proxy says of the client."""
    options: dict[str, Any] = {}
    if behind_tls:
        options = {"trusted_proxy": "*", "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}
    server = create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        connection_limit=raise_file_limit(MOST_CONNECTIONS),
        backlog=1024,
        channel_timeout=SILENT_SECONDS,
        cleanup_interval=5,
        max_request_body_size=MOST_BODY_BYTES,
        outbuf_high_watermark=ANSWER_BYTES,
        asyncore_use_poll=True,
        ident=None,
        clear_untrusted_proxy_headers=True,
        **options,
    )
    server.channel_class = Channel
    return server


def raise_file_limit(connections: int) -> int:
    """Let this process open as many files as `connections` need; return how many connections it then can hold."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * 2 + 200  # a connection, the file of its body or answer
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        soft = allowed
    return connections if soft == resource.RLIM_INFINITY else max(50, min(connections, (soft - 200) // 2))


def stop(_number: int, _frame: FrameType | None) -> None:
    """End the loop; requests under way are finished first."""
    raise SystemExit(0)


def main(address: str) -> None:
    """Serve at `address` (HOST:PORT) until SIGTERM or Ctrl-C."""
    # Only now: Django is set up by the application.
    from django.conf import settings

    from civiparoisse.wsgi import application

    host, _, port = address.rpartition(":")
    signal.signal(signal.SIGTERM, stop)
    server = make_server(application, host=host, port=int(port), behind_tls=settings.BEHIND_TLS)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1])
