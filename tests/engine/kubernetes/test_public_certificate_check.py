"""A given public certificate is looked for in every instance's namespace, and its end is told in time."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.cluster import ClusterSettings, IngressKind
from domain.findings import Finding, Level
from engine.kubernetes.public_certificate_check import NAMED_NAMESPACES, check_given_certificate
from engine.kubernetes.records import KEPT
from manifests.labels import MANAGER_LABEL
from manifests.tls import LEAF_DAYS, make_tls_bundle
from tests.clusters.api_server import make_answers, name_object
from tests.engine.kubernetes.test_check import look

GIVEN = ClusterSettings(ingress_tls_secret="wildcard", manager="us")
NOW = datetime.now(UTC)
BUNDLE = make_tls_bundle("wildcard", "*.example.org", now=NOW)
OURS = {MANAGER_LABEL: "us"}


def make_secret(namespace: str, *, certificate: str = BUNDLE.httpd_certificate, key: str = "x") -> dict[str, Any]:
    data = {"tls.crt": base64.b64encode(certificate.encode()).decode(), "tls.key": key}
    return {"metadata": {"name": "wildcard", "namespace": namespace}, "data": data}


def check(
    namespaces: list[dict[str, Any]],
    secrets: list[dict[str, Any]],
    *,
    settings: ClusterSettings = GIVEN,
    days: int = 0,
) -> dict[str, Finding]:
    def ask(_method: str, path: str, _query: Any) -> tuple[int, dict[str, Any]]:
        return 200, {"items": secrets if path == "/api/v1/secrets" else namespaces}

    found = check_given_certificate(ask, settings, now=NOW + timedelta(days=days))
    return {finding.code: finding for finding in found}


def test_one_that_is_in_every_namespace_is_in_order() -> None:
    names = ("saint-paul", "saint-jean")
    found = check([name_object(name, labels=OURS) for name in names], [make_secret(name) for name in names])
    assert {code: dict(one.params) for code, one in found.items()} == {
        "given_certificate_found": {"count": 2, "secret": "wildcard"}
    }


@pytest.mark.parametrize(
    "secret",
    [
        None,
        make_secret("elsewhere"),
        make_secret("saint-jean", key=""),
        make_secret("saint-jean", certificate="none"),
        {"metadata": {"name": "wildcard", "namespace": "saint-jean"}},
    ],
)
def test_an_instance_without_a_whole_one_is_named(secret: dict[str, Any] | None) -> None:
    namespaces = [name_object(name, labels=OURS) for name in ("saint-paul", "saint-jean")]
    found = check(namespaces, [make_secret("saint-paul"), *([secret] if secret else [])])
    assert set(found) == {"given_certificate_missing"}
    finding = found["given_certificate_missing"]
    assert (finding.level, finding.params["count"], finding.params["names"]) == (Level.CRITICAL, 1, "saint-jean")


def test_of_very_many_some_are_named() -> None:
    names = [f"parish-{number}" for number in range(NAMED_NAMESPACES + 2)]
    params = check([name_object(name, labels=OURS) for name in names], [])["given_certificate_missing"].params
    assert params["count"] == len(names) and params["names"] == ", ".join(names[:NAMED_NAMESPACES]) + ", …"


@pytest.mark.parametrize(
    ("days", "level"),
    [(LEAF_DAYS - 31, None), (LEAF_DAYS - 29, Level.WARNING), (LEAF_DAYS + 1, Level.CRITICAL)],
)
def test_its_end_is_told_a_month_before(days: int, level: Level | None) -> None:
    found = check([name_object("saint-paul", labels=OURS)], [make_secret("saint-paul")], days=days)
    assert (found["given_certificate_ends"].level if level else "given_certificate_found" in found) == (level or True)


def test_others_namespaces_and_those_without_a_page_need_none() -> None:
    going, kept = name_object("going", labels=OURS), name_object("kept", labels=OURS)
    going["metadata"]["deletionTimestamp"] = "2026-11-30T12:00:00Z"
    kept["metadata"]["annotations"] = {KEPT: "2026-11-30T12:00:00Z"}
    found = check([going, kept, name_object("foreign", labels={MANAGER_LABEL: "them"})], [])
    assert found["given_certificate_found"].params["count"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        ClusterSettings(),
        ClusterSettings(ingress_tls_secret="wildcard", ingress_kind=IngressKind.NONE),
        ClusterSettings(ingress_tls_secret="wildcard", tls_issuer="letsencrypt"),
    ],
)
def test_nothing_is_looked_for_where_none_is_given(settings: ClusterSettings) -> None:
    assert check([name_object("saint-paul")], [], settings=settings) == {}


def test_the_check_of_a_cluster_tells_it() -> None:
    answers = {**make_answers(), "/api/v1/namespaces": {"items": [name_object("saint-paul", labels=OURS)]}}
    assert look(answers, settings=GIVEN)["given_certificate_missing"].level is Level.CRITICAL
    refused = look({**answers, "/api/v1/secrets": 403}, settings=GIVEN)
    assert refused["look_refused"].params == {"what": "Secret", "status": 403}
