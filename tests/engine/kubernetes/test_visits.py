"""The log of the web server's container is read once, from a moment on, to a bound."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.errors import ClusterForbidden, ClusterUnreachable
from domain.specs import ObservedVisits
from engine.access_log import MANAGER_AGENT
from engine.kubernetes import visits
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.errors import ObjectMissing
from engine.kubernetes.visits import read_visits
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import Answer, FakeApi, status
from tests.engine.log_lines import NOW, make_line

SPEC = make_spec("saint-paul")
POD = "paroisse-set-httpd-0"
SINCE = NOW - timedelta(days=1)


def write(api: FakeApi, *lines: bytes) -> None:
    api.logs[POD] = api.logs.get(POD, "") + b"".join(lines).decode()


def test_the_log_is_read_from_a_moment_on(api: FakeApi, client: ClusterClient) -> None:
    write(api, b"AH00163: resuming normal operations\n", make_line(NOW - timedelta(hours=1)))
    reading = read_visits(client, SPEC, since=SINCE, now=NOW)
    assert (reading.visited_at, reading.is_cut) == (NOW - timedelta(hours=1), False)
    (call,) = api.calls
    path, query = urlsplit(call[1]).path, parse_qs(urlsplit(call[1]).query)
    assert path == f"/api/v1/namespaces/saint-paul/pods/{POD}/log"
    assert query == {"container": ["https"], "sinceTime": ["2026-11-24T12:00:00Z"], "limitBytes": [str(32 * 1024**2)]}


def test_no_more_than_the_bound_is_read(api: FakeApi, client: ClusterClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "LOG_BYTES", 100_000)
    write(api, make_line(NOW - timedelta(hours=1)), b"a warning\n" * 100_000, make_line(NOW))
    reading = read_visits(client, SPEC, since=SINCE, now=NOW)
    assert (reading.visited_at, reading.is_cut) == (NOW - timedelta(hours=1), True)


def test_faults_are_ours(api: FakeApi, client: ClusterClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, error in (
        (status(404, "NotFound"), ObjectMissing),
        (status(403, "Forbidden"), ClusterForbidden),
        (status(503, "ServiceUnavailable"), ClusterUnreachable),
    ):
        fault: Answer = answer
        api.fault = lambda _method, _path, fault=fault: fault  # type: ignore[misc]
        with pytest.raises(error):
            read_visits(client, SPEC, since=SINCE, now=NOW)
    api.fault = lambda _method, _path: None
    monkeypatch.setattr("engine.kubernetes.client.STREAM_SECONDS", -1)
    write(api, make_line())
    with pytest.raises(ClusterUnreachable):
        read_visits(client, SPEC, since=SINCE, now=NOW)


def test_the_manager_s_own_request_shows_that_requests_are_counted(api: FakeApi, engine: KubernetesEngine) -> None:
    """The API server hands on the manager's name to the page."""
    write(api, b"")

    def log_requests(_method: str, path: str) -> None:
        if path.split("?")[0].endswith("/proxy/"):
            write(api, make_line(datetime.now(UTC), agent=api.agents[-1]))

    api.pages["https%3Acivicrmhttpd%3A443"] = f"<h1>{SPEC.site.parish_name}</h1>"
    api.fault = log_requests
    seen = engine.observe_visits(SPEC, since=datetime.now(UTC) - timedelta(days=1))
    assert seen == ObservedVisits(is_counted=True)
    assert set(api.agents) == {MANAGER_AGENT} and len(api.calls) == 2
    visit = datetime.now(UTC).replace(microsecond=0)
    write(api, make_line(visit))
    assert engine.observe_visits(SPEC, since=visit).visited_at == visit


def test_a_log_without_requests_counts_nothing(
    api: FakeApi, engine: KubernetesEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.visits.PAUSES_SECONDS", (0.0, 0.0))
    write(api, b"AH00163: resuming normal operations\n")
    api.pages["https%3Acivicrmhttpd%3A443"] = SPEC.site.parish_name
    assert engine.observe_visits(SPEC, since=SINCE) == ObservedVisits(is_counted=False)
    assert len(api.calls) == 4
