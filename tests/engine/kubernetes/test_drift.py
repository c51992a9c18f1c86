"""Drift of instances on a cluster: what differs from what applying would make, by a number of lists that stays."""

import copy
import dataclasses
import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from domain.cluster import ClusterSettings, IngressKind
from domain.specs import ALL_COMPONENTS, Component
from engine.kubernetes.apply import apply_instance
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.drift import find_drift
from engine.kubernetes.records import INITIALISED
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.manifests.cases import DEFAULT, make_case_objects

NOW = datetime.now(UTC)


@pytest.fixture
def applied(api: FakeApi, client: ClusterClient, settings: ClusterSettings) -> FakeApi:
    """Two instances as they were applied, initialised and running."""
    for slug in ("saint-paul", "saint-jean"):
        spec = make_spec(slug)
        apply_instance(client, spec, settings, now=NOW)
        api.get("Namespace", slug)["metadata"]["annotations"][INITIALISED] = "2026-11-21T08:00:00+00:00"
        apply_instance(client, spec, settings, now=NOW)
    return api


def test_what_was_just_applied_shows_no_drift(
    applied: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    specs = [make_spec("saint-paul"), make_spec("saint-jean")]
    applied.calls.clear()
    assert find_drift(client, settings, specs, now=NOW) == {}
    assert {method for method, _path in applied.calls} == {"GET"}


def test_each_difference_is_told(applied: FakeApi, client: ClusterClient, settings: ClusterSettings) -> None:
    server = applied.get("StatefulSet", "paroisse-set-db", "saint-paul")
    server["spec"]["replicas"] = 0
    server["spec"]["template"]["spec"]["containers"][0]["image"] = "other:1"
    del applied.objects["Service", "saint-paul", "civicrmdb"]
    secret = applied.get("Secret", "secret", "saint-paul")
    secret["data"] = dict.fromkeys(secret["data"], "aHVudGVyMg==")
    found = find_drift(client, settings, [make_spec("saint-paul"), make_spec("saint-jean")], now=NOW)
    assert set(found) == {"saint-paul"}
    by_place = {(drift.object, drift.path): drift for drift in found["saint-paul"]}
    assert by_place["Service/civicrmdb", ""].found is None
    replicas = by_place["StatefulSet/paroisse-set-db", "spec.replicas"]
    assert (replicas.wanted, replicas.found) == ("1", "0")
    assert by_place["StatefulSet/paroisse-set-db", "spec.template.spec.containers[db].image"].found == '"other:1"'
    assert "aHVudGVyMg" not in str(found) and '"***"' in str(found)


def test_what_is_rendered_no_longer_is_drift(api: FakeApi, client: ClusterClient) -> None:
    settings = ClusterSettings(ingress_kind=IngressKind.INGRESS)
    apply_instance(client, make_spec("saint-paul"), settings, now=NOW)
    assert api.count("PATCH", "ingresses")
    found = find_drift(client, ClusterSettings(ingress_kind=IngressKind.NONE), [make_spec("saint-paul")], now=NOW)
    stale = [drift for drift in found["saint-paul"] if drift.wanted is None and not drift.path]
    assert [drift.object.partition("/")[0] for drift in stale] == ["Ingress", "NetworkPolicy"]
    assert {drift.found for drift in stale} == {'"present"'}


def test_what_others_have_is_not_looked_at(applied: FakeApi, client: ClusterClient, settings: ClusterSettings) -> None:
    stranger = copy.deepcopy(applied.get("Namespace", "saint-jean"))
    stranger["metadata"]["labels"] = {}
    applied.put(stranger)
    ending = applied.get("Namespace", "saint-paul")
    ending["metadata"]["deletionTimestamp"] = "2026-11-21T08:00:00Z"
    specs = [make_spec("saint-paul"), make_spec("saint-jean"), make_spec("sainte-marie")]
    assert find_drift(client, settings, specs, now=NOW) == {}
    assert find_drift(client, settings, [], now=NOW) == {}


def test_before_its_initialisation_nothing_should_run(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    apply_instance(client, make_spec("saint-paul"), settings, now=NOW)
    assert find_drift(client, settings, [make_spec("saint-paul")], now=NOW) == {}
    assert api.get("StatefulSet", "paroisse-set-db", "saint-paul")["spec"]["replicas"] == 0


def test_a_suspended_instance_that_runs_is_drift(
    applied: FakeApi,  # noqa: ARG001
    client: ClusterClient,
    settings: ClusterSettings,
) -> None:
    spec = dataclasses.replace(make_spec("saint-paul"), components=ALL_COMPONENTS - set(Component))
    found = find_drift(client, settings, [spec], now=NOW)["saint-paul"]
    assert {drift.path for drift in found} >= {"spec.replicas", "spec.suspend"}


def test_the_number_of_questions_does_not_grow(
    applied: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    counts = []
    for number in range(2):
        slugs = [f"parish-{number}-{serial}" for serial in range(2)]
        for slug in slugs:
            apply_instance(client, make_spec(slug), settings, now=NOW)
        applied.calls.clear()
        find_drift(client, settings, [make_spec(slug) for slug in ("saint-paul", "saint-jean", *slugs)], now=NOW)
        counts.append(len(applied.calls))
    assert counts[0] == counts[1] < 25
    # Each page is a call: of no kind does a thousand instances need more than two, of the largest nine each.
    lists = Counter(path.partition("?")[0] for _method, path in applied.calls)
    assert max(lists.values()) == 2
    limits = {int(re.findall("limit=([0-9]+)", path)[0]) for _method, path in applied.calls}
    most = max(Counter(one["kind"] for one in make_case_objects(DEFAULT)).values())
    assert min(limits) * 2 >= most * 1000
