"""Where a request comes from, as far as anybody can be believed."""

from django.conf import settings
from django.http import HttpRequest


def get_client_address(request: HttpRequest) -> str:
    """Return the client's address: what the TLS proxy says where there is one, else the connection's own."""
    if settings.BEHIND_TLS and (said := request.META.get("HTTP_X_FORWARDED_FOR")):
        return str(said).rpartition(",")[2].strip()  # the last one is the proxy's own word
    return str(request.META.get("REMOTE_ADDR", ""))
