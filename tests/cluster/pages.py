"""Pages of parishes on the cluster, read as a visitor does. Without Django: other processes import it."""

import base64
import socket
import ssl
from http.client import HTTPSConnection

PAGE_SECONDS = 30.0


def read_page(address: str, host: str, data: dict[str, str]) -> str:
    """Return the text of the page at `address`, asked for as `host`. `data`: of the Secret with the authority."""
    authority = base64.b64decode(next(iter(data.values()))).decode()
    context = ssl.create_default_context(cadata=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    connection = HTTPSConnection(host, timeout=PAGE_SECONDS)
    plain = socket.create_connection((address, 443), timeout=PAGE_SECONDS)
    connection.sock = context.wrap_socket(plain, server_hostname=host)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    assert answer.status == 200, text
    return text
