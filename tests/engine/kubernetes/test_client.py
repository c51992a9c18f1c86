"""Calls have a deadline, come back when asked to, follow pages; secrets stay inside."""

import itertools
import socket
import threading

import pytest

from domain.errors import CiviparoisseError, ClusterUnreachable
from engine.kubernetes.client import ClusterClient, Connection, forget_clients, get_client
from engine.kubernetes.errors import ApiCall, ListExpired, ObjectExists
from engine.kubernetes.paths import Reference
from tests.engine.kubernetes.fake_api import TOKEN, Answer, FakeApi, make_kubeconfig, status

PLACE = Reference("v1", "Namespace", "", "saint-paul")
ASKED = ApiCall(verb="get", resource="pods", name="x", instance="saint-paul")


def put_namespaces(api: FakeApi, count: int) -> None:
    for number in range(count):
        api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"n{number:03}"}})


def test_a_connection_shows_nothing_of_its_kubeconfig(api: FakeApi) -> None:
    connection = Connection(kubeconfig=api.kubeconfig)
    assert TOKEN not in repr(connection) and "kubeconfig" not in repr(connection)


def test_one_client_per_connection_until_a_fork(api: FakeApi) -> None:
    connection = Connection(kubeconfig=api.kubeconfig)
    first = get_client(connection)
    assert get_client(Connection(kubeconfig=api.kubeconfig)) is first
    forget_clients()
    assert get_client(connection) is not first
    forget_clients()


def test_without_a_pod_s_account_there_is_no_connection() -> None:
    with pytest.raises(CiviparoisseError) as raised:
        ClusterClient(Connection())
    assert raised.value.code == "kubeconfig_invalid"


def test_a_wrong_account_is_told_as_such(api: FakeApi) -> None:
    wrong = ClusterClient(Connection(kubeconfig=api.kubeconfig.replace(TOKEN, "another-token")))
    with pytest.raises(CiviparoisseError) as raised:
        wrong.get(PLACE, instance="saint-paul")
    assert raised.value.code == "cluster_account_refused" and "another-token" not in str(raised.value)


def test_lists_follow_their_pages(api: FakeApi, client: ClusterClient) -> None:
    put_namespaces(api, 25)
    found = list(client.list("v1", "Namespace", limit=10))
    assert [one["metadata"]["name"] for one in found] == [f"n{number:03}" for number in range(25)]
    assert (api.count("GET"), client.requests) == (3, 3)
    list(client.list("v1", "Namespace", any_version=True))
    assert "resourceVersion=0" in api.calls[-1][1]


def test_a_list_that_expired_is_begun_again(api: FakeApi, client: ClusterClient) -> None:
    put_namespaces(api, 15)
    faults = iter([status(410, "Expired")])
    api.fault = lambda _method, path: next(faults, None) if "continue" in path else None
    names = {one["metadata"]["name"] for one in client.list("v1", "Namespace", limit=10)}
    assert len(names) == 15
    api.fault = lambda _method, path: status(410, "Expired") if "continue" in path else None
    with pytest.raises(ListExpired):
        list(client.list("v1", "Namespace", limit=10))


def test_a_kind_that_the_cluster_does_not_have_is_empty(api: FakeApi, client: ClusterClient) -> None:
    api.fault = lambda _method, _path: status(404, "NotFound")
    assert list(client.list("traefik.io/v1alpha1", "IngressRoute")) == []


def test_a_server_that_asks_to_come_back_is_asked_again(api: FakeApi, client: ClusterClient) -> None:
    busy: Answer = (429, {"kind": "Status"}, {"Retry-After": "0"})
    faults = iter([busy])
    api.fault = lambda _method, _path: next(faults, None)
    assert client.get(PLACE, instance="saint-paul") is None
    assert api.count("GET") == 2


def test_patience_has_an_end(api: FakeApi, client: ClusterClient) -> None:
    api.fault = lambda _method, _path: (503, {"kind": "Status"}, {"Retry-After": "3600"})
    with pytest.raises(ClusterUnreachable) as raised:
        client.get(PLACE, instance="saint-paul")
    assert raised.value.params["retry_after_seconds"] == 3600 and api.count("GET") == 1


def test_an_answer_that_is_no_document_is_no_answer(api: FakeApi, client: ClusterClient) -> None:
    api.fault = lambda _method, _path: (200, "<html>a proxy's page", {})
    with pytest.raises(ClusterUnreachable):
        client.get(PLACE, instance="saint-paul")


def test_nobody_there_is_retryable_and_says_nothing_secret() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        lonely = ClusterClient(Connection(kubeconfig=make_kubeconfig(port, _make_authority())))
        with pytest.raises(ClusterUnreachable) as raised:
            lonely.get(PLACE, instance="saint-paul")
    assert raised.value.retryable and TOKEN not in str(raised.value) and raised.value.__cause__ is None


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.kubernetes.client.CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kubeconfig = make_kubeconfig(silent.getsockname()[1], _make_authority())
        with pytest.raises(ClusterUnreachable):
            ClusterClient(Connection(kubeconfig=kubeconfig)).get(PLACE, instance="saint-paul")


def test_another_authority_is_not_trusted(api: FakeApi) -> None:
    port = int(api.kubeconfig.split("127.0.0.1:")[1].split('"')[0])
    client = ClusterClient(Connection(kubeconfig=make_kubeconfig(port, _make_authority())))
    with pytest.raises(ClusterUnreachable) as raised:
        client.get(PLACE, instance="saint-paul")
    assert "trusted" in raised.value.params["detail"] and api.calls == []


def test_writes_name_us_and_are_strict(api: FakeApi, client: ClusterClient) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "saint-paul"}}
    client.apply(namespace, PLACE, instance="saint-paul")
    path = api.calls[-1][1]
    for part in ("fieldManager=civiparoisse-manager", "fieldValidation=Strict", "force=false"):
        assert part in path
    with pytest.raises(ObjectExists):
        client.create(namespace, PLACE, instance="saint-paul")


def test_what_is_gone_is_deleted(api: FakeApi, client: ClusterClient) -> None:
    client.delete(PLACE, instance="saint-paul", uid="x", grace_seconds=3)
    assert [method for method, _path in api.calls] == ["GET", "DELETE"], "whose the namespace is, then the call"


def test_texts_are_read_with_another_host(api: FakeApi, client: ClusterClient) -> None:
    api.logs["x"] = "é\n"
    path = "/api/v1/namespaces/saint-paul/pods/x/log"
    assert client.read_text(path, ASKED, query={}, host="www.saint-paul.example.org") == "é\n"
    assert api.hosts[-1] == "www.saint-paul.example.org"


def test_many_threads_share_one_client(api: FakeApi, client: ClusterClient) -> None:
    put_namespaces(api, 1)
    failures: list[str] = []

    def ask() -> None:
        for _ in range(5):
            if client.get(Reference("v1", "Namespace", "", "n000"), instance="*") is None:
                failures.append("nothing")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in itertools.chain(threads):
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and api.count("GET") == 20


def _make_authority() -> str:
    from datetime import UTC, datetime

    from manifests.tls import make_tls_bundle

    return make_tls_bundle("other", "127.0.0.1", now=datetime.now(UTC)).ca_certificate
