"""A page is good when it shows the parish's name; one that does not answer is no error."""

import dataclasses
import socket

import pytest

from domain.errors import ClusterForbidden
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.probe import judge_page, probe_ingress, probe_service
from tests.builders import make_site, make_spec
from tests.engine.kubernetes.fake_api import FakeApi, status

SPEC = make_spec("sainte-marie")
SERVICE = "https:civicrmhttpd:443"
PAGE = "<html><h1>Paroisse\n &quot;Sainte-Marie&quot; &lt;&amp;&gt; <b>Ill</b></h1>"


def test_the_page_is_read_with_the_parish_s_own_host(api: FakeApi, engine: KubernetesEngine) -> None:
    api.pages["https%3Acivicrmhttpd%3A443"] = PAGE
    result = engine.probe(SPEC)
    assert result.ok and result.seconds >= 0
    assert api.hosts[-1] == SPEC.host
    assert api.calls[-1][1].split("?")[0].endswith("/services/https%3Acivicrmhttpd%3A443/proxy/")


def test_another_page_is_noticed(api: FakeApi, engine: KubernetesEngine) -> None:
    api.pages["https%3Acivicrmhttpd%3A443"] = PAGE
    other = dataclasses.replace(SPEC, site=make_site("saint-jean"))
    result = probe_service(engine.client, other)
    assert not result.ok and "Sainte-Marie" in result.detail


def test_nobody_there_is_no_error_and_a_missing_right_is(api: FakeApi, engine: KubernetesEngine) -> None:
    assert "503" in probe_service(engine.client, SPEC).detail
    api.fault = lambda _method, _path: status(404, "NotFound")
    assert probe_service(engine.client, SPEC).detail == "it has no page"
    api.fault = lambda _method, _path: status(403, "Forbidden")
    with pytest.raises(ClusterForbidden):
        probe_service(engine.client, SPEC)


def test_through_the_ingress_the_page_is_verified(api: FakeApi) -> None:
    """The tests' server has a certificate for 127.0.0.1 by an authority nobody trusts."""
    port = int(api.kubeconfig.split("127.0.0.1:")[1].split('"')[0])
    result = probe_ingress(SPEC, f"127.0.0.1:{port}")
    assert not result.ok and "SSLError" in result.detail and api.calls == []


def test_an_ingress_that_is_away_is_no_error(engine: KubernetesEngine) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        engine.settings = dataclasses.replace(engine.settings, ingress_address=address)
        result = engine.probe(SPEC)
    assert not result.ok and address in result.detail


@pytest.mark.parametrize("page", [PAGE, 'Paroisse "Sainte-Marie" <&> Ill', PAGE.replace("\n", "   ")])
def test_the_name_is_found_however_it_is_written(page: str) -> None:
    assert judge_page(page, expected=SPEC.site.parish_name, seconds=0.1).ok


def test_an_empty_page_is_not_good() -> None:
    assert not judge_page("", expected=SPEC.site.parish_name, seconds=0.1).ok
