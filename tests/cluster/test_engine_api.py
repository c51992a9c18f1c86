"""The engine against a real API server with its controllers, without a node: what is sent, refused, undone."""

import dataclasses
from collections.abc import Callable

import pytest

from domain.cluster import IngressKind
from domain.errors import CiviparoisseError, ClusterConflict, QuotaExceeded
from engine.kubernetes.engine import KubernetesEngine
from manifests.labels import MANAGER_LABEL
from tests.builders import GIBIBYTE, make_plan, make_spec
from tests.cluster.control import Cluster, KubectlFailed, wait_until
from tests.cluster.engine_at_work import OURS, has_settled, list_versions, make_job, prove

pytestmark = pytest.mark.cluster


def test_twice_is_no_change(cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]) -> None:
    name = make_name()
    before = engine.client.requests
    observed = engine.apply(make_spec(name))
    requests = engine.client.requests - before
    assert observed.exists and not observed.initialised and observed.is_running(frozenset())
    wait_until(lambda: has_settled(cluster, name), "controllers have written")
    versions = list_versions(cluster, name)
    assert requests <= 1.1 * len(versions), (requests, len(versions))
    engine.client.applied.clear()
    engine.apply(make_spec(name))
    assert list_versions(cluster, name) == versions
    assert engine.list_drift([make_spec(name)]) == {}
    assert engine.observe_fleet().instances[name] == engine.observe(name)


def test_servers_are_asked_for_once_the_data_was_proven(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    """Without a node their pods stay Pending, and the scheduler's sentence is told."""
    name = make_name()
    engine.apply(make_spec(name))
    prove(cluster, name)
    engine.apply(make_spec(name))

    def says_why() -> bool:
        return "Unschedulable" in engine.observe(name).components["db"].detail  # type: ignore[index]

    wait_until(says_why, "the scheduler has spoken", show=lambda: str(engine.observe(name).components))
    assert engine.suspend(make_spec(name)).exists
    wait_until(lambda: engine.observe(name).is_running(frozenset()), "all is stopped")


def test_a_conflict_is_shown_and_not_forced(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    cluster.kubectl("scale", "statefulset/paroisse-set-db", "--replicas=3", namespace=name)
    cluster.kubectl("delete", "cronjob", "civibackup", namespace=name)
    engine.client.applied.clear()
    with pytest.raises(ClusterConflict) as raised:
        engine.apply(make_spec(name))
    assert raised.value.params["field"] == ".spec.replicas" and "kubectl" in raised.value.params["manager"]
    assert raised.value.params["object"] == "statefulsets/paroisse-set-db"
    assert cluster.get("statefulset", "paroisse-set-db", namespace=name)["spec"]["replicas"] == 3
    assert cluster.exists("cronjob", "civibackup", namespace=name), "all the rest is put back"
    (drift,) = engine.list_drift([make_spec(name)])[name]
    assert (drift.object, drift.path) == ("StatefulSet/paroisse-set-db", "spec.replicas")


def test_what_is_rendered_no_longer_is_pruned(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.settings = dataclasses.replace(engine.settings, ingress_kind=IngressKind.INGRESS)
    engine.apply(make_spec(name))
    assert cluster.exists("ingress", "ingressproxy", namespace=name)
    cluster.kubectl("create", "configmap", "theirs", namespace=name)
    engine.settings = dataclasses.replace(engine.settings, ingress_kind=IngressKind.NONE)
    engine.apply(make_spec(name))
    assert not cluster.exists("ingress", "ingressproxy", namespace=name)
    assert cluster.exists("configmap", "theirs", namespace=name) and len(cluster.list("pvc", namespace=name)) == 4


def test_a_kind_that_the_cluster_lacks_is_named(engine: KubernetesEngine, make_name: Callable[[], str]) -> None:
    engine.settings = dataclasses.replace(
        engine.settings, ingress_kind=IngressKind.TRAEFIK, traefik_api_group="no.such/v1"
    )
    with pytest.raises(CiviparoisseError) as raised:
        engine.apply(make_spec(make_name()))
    assert (raised.value.code, raised.value.params["api"]) == ("cluster_api_missing", "no.such/v1")


def test_a_full_quota_is_told(cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]) -> None:
    name = make_name()
    cluster.kubectl("create", "namespace", name)
    cluster.kubectl("label", "namespace", name, OURS, f"{MANAGER_LABEL}=")
    cluster.kubectl("create", "quota", "theirs", "--hard=count/secrets=1", namespace=name)
    quota = "{.status.hard}"
    wait_until(
        lambda: bool(cluster.kubectl("get", "quota", "theirs", "-o", f"jsonpath={quota}", namespace=name)),
        "the quota holds",
    )
    with pytest.raises(QuotaExceeded) as raised:
        engine.apply(make_spec(name))
    assert "theirs" in raised.value.params["detail"]
    cluster.kubectl("delete", "quota", "theirs", namespace=name)
    assert engine.apply(make_spec(name)).exists


def test_a_smaller_volume_and_another_selector_are_refused_before_anything_is_sent(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name, plan=make_plan(db_volume_bytes=2 * GIBIBYTE)))
    versions = list_versions(cluster, name)
    with pytest.raises(CiviparoisseError) as raised:
        engine.apply(make_spec(name))
    assert raised.value.code == "volume_shrinks"
    assert {key: value for key, value in list_versions(cluster, name).items() if "Claim" not in key} == {
        key: value for key, value in versions.items() if "Claim" not in key
    }


def test_a_namespace_of_somebody_else_s_stays_as_it_is(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    cluster.kubectl("create", "namespace", name)
    before = cluster.get("namespace", name)["metadata"]["resourceVersion"]
    for call in (lambda: engine.apply(make_spec(name)), lambda: engine.delete(name, keep_backups=False)):
        with pytest.raises(CiviparoisseError) as raised:
            call()
        assert raised.value.code == "namespace_foreign"
    assert cluster.get("namespace", name)["metadata"]["resourceVersion"] == before
    assert not engine.observe(name).exists and name not in engine.observe_fleet().instances


def test_an_api_server_that_dies_is_retryable_and_nothing_is_lost(
    own_cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    engine.apply(make_spec(name))
    # What comes after the death is then ours.
    wait_until(lambda: has_settled(own_cluster, name), "controllers have written")
    own_cluster.kill("apiserver")
    try:
        for call in (
            lambda: engine.apply(make_spec(name)),
            lambda: engine.run_job(make_spec(name), make_job("backup-1")),
        ):
            with pytest.raises(CiviparoisseError) as raised:
                call()
            assert (raised.value.code, raised.value.retryable) == ("cluster_unreachable", True)
    finally:
        own_cluster.start("apiserver")
    wait_until(lambda: _is_back(own_cluster), "the API server is back")
    versions = list_versions(own_cluster, name)
    engine.client.applied.clear()
    engine.apply(make_spec(name))
    assert {key for key, value in list_versions(own_cluster, name).items() if versions[key] != value} == set()


def _is_back(cluster: Cluster) -> bool:
    try:
        cluster.kubectl("get", "--raw", "/readyz")
    except KubectlFailed:
        return False
    return True
