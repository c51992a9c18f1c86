"""Read an instance's page as a visitor would."""

import html
import http.client
import time

from domain.specs import ProbeResult
from engine.access_log import MANAGER_AGENT
from engine.local.ports import LOOPBACK

PAGE_SECONDS = 10.0
PAGE_BYTES = 1024**2


def read_page(port: int, *, host: str, expected: str) -> ProbeResult:
    """Ask the web server on `port` for the front page of `host` and look for `expected` (plain text) in it."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PAGE_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": host, "User-Agent": MANAGER_AGENT})
        answer = connection.getresponse()
        page = html.unescape(answer.read(PAGE_BYTES).decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        return ProbeResult(ok=False, seconds=time.monotonic() - began, detail=f"{type(error).__name__}: {error}")
    finally:
        connection.close()
    seconds = time.monotonic() - began
    if answer.status != http.client.OK:
        return ProbeResult(ok=False, seconds=seconds, detail=f"HTTP status {answer.status}")
    if expected not in page:
        return ProbeResult(ok=False, seconds=seconds, detail="the page does not show the parish's name")
    return ProbeResult(ok=True, seconds=seconds)
