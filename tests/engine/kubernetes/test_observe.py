"""One instance is looked at by a fixed number of calls, and other people's names lead nowhere."""

import pytest

from domain.errors import InvalidValue
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.observe import (
    check_identifier,
    find_owner,
    list_claims,
    list_kept_claims,
    list_own_volumes,
    observe_instance,
    read_view,
)
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, make_pod, provision


def put_volume(api: FakeApi, name: str, claim: str, namespace: str = NAMESPACE) -> None:
    spec = {"claimRef": {"namespace": namespace, "name": claim}, "persistentVolumeReclaimPolicy": "Delete"}
    api.put({"kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec, "status": {"phase": "Released"}})


@pytest.mark.parametrize("identifier", ["../saint-paul", "", "a/b", "A", "-a", "a" * 64, "a\n"])
def test_what_cannot_be_a_name_is_refused_before_anything_is_asked(
    client: ClusterClient, api: FakeApi, identifier: str
) -> None:
    with pytest.raises(InvalidValue):
        observe_instance(client, identifier)
    assert api.calls == []
    check_identifier("a" * 63)


def test_an_instance_is_five_calls_whatever_runs_in_it(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    for number in range(20):
        api.put(make_pod(f"more-{number}", "cron"))
    before = engine.client.requests
    assert observe_instance(engine.client, NAMESPACE).initialised
    assert engine.client.requests - before == 5


def test_nothing_there_is_no_error_and_looks_for_volumes_left(api: FakeApi, client: ClusterClient) -> None:
    assert not observe_instance(client, NAMESPACE).exists
    put_volume(api, "pv-1", "dbvolclaim")
    put_volume(api, "pv-2", "somebody-s-claim")
    put_volume(api, "pv-3", "dbvolclaim", "saint-jean")
    assert observe_instance(client, NAMESPACE).remains == ("volume pv-1 (Released)",)
    assert [one["metadata"]["name"] for one in list_own_volumes(client, NAMESPACE)] == ["pv-1"]


def test_a_namespace_of_somebody_else_s_is_not_looked_into(api: FakeApi, client: ClusterClient) -> None:
    api.put({"kind": "Namespace", "metadata": {"name": NAMESPACE}})
    api.put(make_pod("db-0", "db"))
    view = read_view(client, NAMESPACE)
    assert view.namespace is not None and view.pods == ()
    assert client.requests == 1


def test_claims_are_the_blueprints() -> None:
    assert list_kept_claims() == {"backupsvolclaim"} and list_claims() > {"dbvolclaim", "backupsvolclaim"}
    assert find_owner({"spec": {}}) is None
