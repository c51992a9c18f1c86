"""Lines of a web server's log, as tests write them."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MOZILLA = "Mozilla/5.0 (X11; Linux x86_64)"


def make_line(
    at: datetime = NOW, *, agent: str = MOZILLA, request: str = "GET / HTTP/1.1", referer: str = "-", more: str = ""
) -> bytes:
    """Return a line as Apache writes it, what a client sends being escaped already."""
    return f'10.0.0.1 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{request}" 200 512 "{referer}" "{agent}"{more}\n'.encode()
