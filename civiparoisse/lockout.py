"""The page after too many wrong passwords: what to do, and who can open the sign-in again."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from civiparoisse.addresses import get_client_address


def show_locked(request: HttpRequest, _answer: Any = None, _credentials: Any = None) -> HttpResponse:
    """Return the page, 429. Called by axes, which has counted and logged the attempt."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {"minutes": seconds // 60, "address": get_client_address(request)}
    page = render(request, "locked.html", context, status=429)
    page["Retry-After"] = str(seconds)
    return page
