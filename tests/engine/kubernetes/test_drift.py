"""What somebody changed is found on the fields that we own, by as many lists for a hundred instances as for one."""

import dataclasses

import pytest

from domain.cluster import ClusterSettings
from domain.findings import Drift
from domain.specs import Component
from engine.kubernetes.drift import compare_instance, list_drift
from engine.kubernetes.engine import KubernetesEngine
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, NOW, provision

SPEC = make_spec(NAMESPACE)


@pytest.fixture(autouse=True)
def _provisioned(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)


def test_what_was_just_applied_has_no_drift(engine: KubernetesEngine) -> None:
    assert engine.list_drift([SPEC]) == {}
    assert engine.list_drift([]) == {}


def test_a_change_a_removal_and_a_leftover_are_each_told(api: FakeApi, engine: KubernetesEngine) -> None:
    api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["replicas"] = 0
    del api.objects["NetworkPolicy", NAMESPACE, "db"]
    left = {
        "name": "left",
        "namespace": NAMESPACE,
        "labels": api.get("Secret", "secret", NAMESPACE)["metadata"]["labels"],
    }
    api.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": left, "data": {}})
    assert set(engine.list_drift([SPEC])[NAMESPACE]) == {
        Drift(object="StatefulSet/paroisse-set-db", path="spec.replicas", wanted="1", found="0"),
        Drift(object="NetworkPolicy/db", wanted='"present"'),
        Drift(object="ConfigMap/left", found='"present"'),
    }


def test_a_secret_s_value_is_never_told(api: FakeApi, engine: KubernetesEngine) -> None:
    api.get("Secret", "secret", NAMESPACE)["data"]["dbsecret"] = "aHVudGVyMg=="
    (drift,) = engine.list_drift([SPEC])[NAMESPACE]
    assert (drift.object, drift.wanted, drift.found) == ("Secret/secret", '"***"', '"***"')


def test_an_instance_that_is_gone_is_one_difference(engine: KubernetesEngine, settings: ClusterSettings) -> None:
    other = make_spec("saint-jean")
    assert engine.list_drift([SPEC, other]) == {
        "saint-jean": (Drift(object="Namespace/saint-jean", wanted='"present"'),)
    }
    assert len(list(compare_instance(other, settings, {}, now=NOW))) == 1


def test_the_number_of_lists_does_not_grow(engine: KubernetesEngine, settings: ClusterSettings) -> None:
    counts = []
    for specs in ([SPEC], [SPEC, make_spec("saint-jean"), make_spec("sainte-marie")]):
        before = engine.client.requests
        list_drift(engine.client, specs, settings, now=NOW)
        counts.append(engine.client.requests - before)
    assert counts[0] == counts[1] <= 14


def test_a_component_that_should_be_stopped_is_a_difference(engine: KubernetesEngine) -> None:
    stopped = dataclasses.replace(SPEC, components=frozenset({Component.DB}))
    paths = {(drift.object, drift.path) for drift in engine.list_drift([stopped])[NAMESPACE]}
    assert ("StatefulSet/paroisse-set-httpd", "spec.replicas") in paths and (
        "CronJob/civicron",
        "spec.suspend",
    ) in paths
