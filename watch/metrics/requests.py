"""Counts what this process answers: by method, by the name of the address (never the address itself), by outcome."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
ANSWERED = Counter(
    "civiparoisse_http_requests", "Requests answered by this process.", ("method", "view", "status"), registry=REGISTRY
)
TOOK = Histogram(
    "civiparoisse_http_request_seconds",
    "How long they took.",
    registry=REGISTRY,
    buckets=(0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class CountRequests:
    """Middleware: counts every answer, those of the other middlewares too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request and count it."""
        began = time.monotonic()
        response = self._get_response(request)
        match = request.resolver_match
        # What anybody can invent would make as many series.
        method = request.method if request.method in METHODS else "other"
        ANSWERED.labels(method, (match.view_name if match else "") or "other", f"{response.status_code // 100}xx").inc()
        TOOK.observe(time.monotonic() - began)
        return response
