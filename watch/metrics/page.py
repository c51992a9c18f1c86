"""Answers a scrape: /metrics, for whoever has the token of the settings."""

import hmac
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from watch.metrics.instances import list_instance_metrics
from watch.metrics.requests import REGISTRY
from watch.metrics.service import list_service_metrics


class RowCollector(Collector):
    """What the rows tell at `now`."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now

    def describe(self) -> list[Metric]:
        """Return nothing: asked of collectors that are kept, and this one is for one scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give every family."""
        yield from list_service_metrics(now=self._now)
        yield from list_instance_metrics(now=self._now)


@never_cache
@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Answer the metrics; 404 while no token is set, 401 for another one."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse("", status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(RowCollector(now=timezone.now()))
    return HttpResponse(generate_latest(registry) + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
