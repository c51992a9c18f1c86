"""Every answer is counted, and nobody can make a series by inventing an address or a method."""

import pytest
from django.test import Client
from prometheus_client import generate_latest

from watch.metrics.requests import REGISTRY

pytestmark = pytest.mark.django_db


def count(view: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "view": view, "status": status}
    return REGISTRY.get_sample_value("civiparoisse_http_requests_total", labels) or 0.0


def test_answers_are_counted_by_the_name_of_the_address() -> None:
    client = Client()
    before = count("metrics", "4xx"), count("other", "4xx"), count("other", "4xx", "other")
    client.get("/metrics")
    client.get("/no/such/page-4711")
    client.generic("INVENTED", "/no/such/page")
    assert (count("metrics", "4xx"), count("other", "4xx")) == (before[0] + 1, before[1] + 1)
    assert count("other", "4xx", "other") == before[2] + 1
    text = generate_latest(REGISTRY).decode()
    # Whole, not its digits: sums of seconds stand there too.
    assert "page-4711" not in text and "INVENTED" not in text
