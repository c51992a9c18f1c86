"""Clusters over REST: read and checked, never written, and no secret comes out."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domain.findings import Drift
from engine import registry
from tests.clusters.samples import SECRET, make_cluster_row, make_instances, make_kubeconfig
from tests.engines import FakeEngine
from tests.parishes import make_parish

LIST = "/api/v1/clusters/"


def test_a_cluster_is_read_without_its_secrets(api: Client) -> None:
    make_cluster_row(settings={"dns_namespace": "dns"})
    shown = api.get(f"{LIST}strasbourg/").json()
    assert shown["kubeconfig_set"] and shown["server"] == "https://cluster.example.org:6443"
    assert shown["settings"] == {"dns_namespace": "dns"} and shown["check"] is None
    answer = api.get(LIST)
    assert [row["name"] for row in answer.json()["results"]] == ["strasbourg"]
    assert SECRET not in answer.content.decode()


def test_a_check_answers_its_findings_and_is_kept(api: Client) -> None:
    make_cluster_row(kubeconfig=make_kubeconfig(server="https://127.0.0.1:1"))
    checked = api.post(f"{LIST}strasbourg/check/", headers={"accept-language": "en"})
    assert checked.status_code == 200
    assert [found["code"] for found in checked.json()["findings"]] == ["api_unreachable"]
    assert api.get(f"{LIST}strasbourg/").json()["check"]["level"] == checked.json()["level"] == "critical"


def test_drift_is_answered_and_kept(api: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEngine(tmp_path)
    monkeypatch.setattr(registry, "_resolvers", [(lambda _name: fake, lambda: ("strasbourg",))])
    make_cluster_row()
    make_instances(fake, "saint-paul")
    fake.drift = {"saint-paul": (Drift(object="Service/civicrmdb", wanted='"present"'),)}
    drift = api.post(f"{LIST}strasbourg/drift/").json()
    assert (drift["level"], drift["drifted"], drift["instances"][0]["instance"]) == ("warning", 1, "saint-paul")
    assert api.get(f"{LIST}strasbourg/").json()["drift"]["level"] == "warning"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_clusters_are_not_written_here(api: Client, method: str) -> None:
    make_cluster_row()
    assert getattr(api, method)(f"{LIST}strasbourg/", {}, content_type="application/json").status_code == 405
    assert api.post(LIST, {}, content_type="application/json").status_code == 405


def test_an_unknown_cluster_is_named(api: Client) -> None:
    for answer in (api.get(f"{LIST}metz/"), api.post(f"{LIST}metz/check/")):
        assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"


def test_a_token_is_asked_for(stranger: Client) -> None:
    assert stranger.get(LIST).status_code == 401 and stranger.post(f"{LIST}x/check/").status_code == 401


def test_an_instance_is_recorded_on_a_cluster_and_takes_its_domain(api: Client) -> None:
    make_cluster_row(domain="paroisses.example.org")
    api.post("/api/v1/tenants/", make_parish(), content_type="application/json")
    body = {"tenant": "saint-paul", "engine": "nowhere"}
    refused = api.post("/api/v1/instances/", body, content_type="application/json")
    assert refused.status_code == 404
    made = api.post("/api/v1/instances/", {**body, "engine": "strasbourg"}, content_type="application/json")
    assert made.status_code == 201, made.content
    listed = [api.get("/api/v1/instances/", {"engine": name}).json()["count"] for name in ("strasbourg", "local")]
    assert listed == [1, 0]
    assert (made.json()["engine"], made.json()["host"]) == ("strasbourg", "www.saint-paul.paroisses.example.org")


def test_the_number_of_queries_does_not_grow(api: Client) -> None:
    counts = []
    for number in range(2):
        for serial in range(3):
            make_cluster_row(f"cluster-{number}-{serial}")
        with CaptureQueriesContext(connection) as queries:
            assert api.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
