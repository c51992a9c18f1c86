"""What is another manager's, or bears no mark, is asked about before anything is sent, by every call that writes."""

import dataclasses
from collections.abc import Callable

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError
from domain.specs import JobProgram, JobSpec
from engine.kubernetes.client import ClusterClient, Connection
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.ownership import Guard, is_owned
from engine.kubernetes.paths import Reference
from engine.kubernetes.records import read_namespace
from manifests.labels import MANAGER_LABEL
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, make_namespace, provision

SPEC = make_spec(NAMESPACE)
BACKUP = JobSpec(name="backup-1", program=JobProgram.BACKUP, environment={}, deadline_seconds=60)
WRITES: dict[str, Callable[[KubernetesEngine], object]] = {
    "apply": lambda engine: engine.apply(SPEC),
    "suspend": lambda engine: engine.suspend(SPEC),
    "resume": lambda engine: engine.resume(SPEC),
    "run_job": lambda engine: engine.run_job(SPEC, BACKUP),
    "delete": lambda engine: engine.delete(NAMESPACE, keep_backups=False),
    "delete_and_keep": lambda engine: engine.delete(NAMESPACE, keep_backups=True),
}


def make_engine(api: FakeApi, settings: ClusterSettings, manager: str) -> KubernetesEngine:
    """Return the engine of a manager with that mark."""
    own = dataclasses.replace(settings, manager=manager)
    return KubernetesEngine("cluster-1", connection=Connection(kubeconfig=api.kubeconfig), settings=own)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("mark", ["them", "", None])
def test_nothing_is_sent_into_a_namespace_of_somebody_else(
    api: FakeApi, settings: ClusterSettings, name: str, mark: str | None
) -> None:
    provision(api, make_engine(api, settings, "them"))
    labels = api.get("Namespace", NAMESPACE)["metadata"]["labels"]
    if mark is None:
        del labels[MANAGER_LABEL]
    else:
        labels[MANAGER_LABEL] = mark
    api.calls.clear()
    with pytest.raises(CiviparoisseError) as refused:
        WRITES[name](make_engine(api, settings, "us"))
    assert (refused.value.code, refused.value.params["instance"]) == ("namespace_foreign", NAMESPACE)
    assert {method for method, _path in api.calls} == {"GET"}


def test_a_run_of_somebody_else_is_neither_ended_nor_written_down(api: FakeApi, settings: ClusterSettings) -> None:
    theirs = make_engine(api, settings, "them")
    provision(api, theirs)
    theirs.run_job(SPEC, BACKUP)
    api.calls.clear()
    ours = make_engine(api, settings, "us")
    with pytest.raises(CiviparoisseError) as refused:
        ours.cancel_job(NAMESPACE, BACKUP.name)
    assert refused.value.code == "namespace_foreign"
    assert ours.list_scheduled_runs(NAMESPACE) == () and ours.list_drift([SPEC]) == {}
    assert {method for method, _path in api.calls} == {"GET"}


def test_what_is_another_s_is_seen_as_not_there_and_in_the_fleet_as_theirs(
    api: FakeApi, settings: ClusterSettings
) -> None:
    theirs, ours = make_engine(api, settings, "them"), make_engine(api, settings, "us")
    provision(api, theirs)
    assert theirs.observe(NAMESPACE).initialised
    observed = ours.observe(NAMESPACE)
    assert (observed.exists, observed.components, observed.remains) == (False, {}, ())
    fleet = ours.observe_fleet()
    assert fleet.instances[NAMESPACE].manager == "them" and not fleet.is_own(NAMESPACE)


def test_of_two_managers_at_the_same_moment_one_makes_the_namespace(api: FakeApi, settings: ClusterSettings) -> None:
    """The other one has read that there is none."""
    theirs, ours = make_engine(api, settings, "them"), make_engine(api, settings, "us")
    made: list[object] = []

    def be_first(method: str, path: str) -> None:
        if method == "POST" and path.partition("?")[0].endswith("/namespaces") and not made:
            made.append(None)
            api.put(make_namespace(manager="them"))

    api.fault = be_first
    with pytest.raises(CiviparoisseError) as refused:
        ours.apply(SPEC)
    assert refused.value.code == "namespace_foreign" and len(api.objects) == 1
    assert theirs.apply(SPEC).exists and len(api.objects) > 30


def test_each_visit_looks_anew_and_asks_once(api: FakeApi, client: ClusterClient, settings: ClusterSettings) -> None:
    provision(api, make_engine(api, settings, "us"))
    visit = client.visit("us")
    reference = Reference("v1", "ConfigMap", NAMESPACE, "never-there")
    before = api.count("GET")
    for _time in range(3):
        visit.delete(reference, instance=NAMESPACE)
    assert api.count("GET") == before + 1 and visit.requests == client.requests
    api.get("Namespace", NAMESPACE)["metadata"]["labels"][MANAGER_LABEL] = "them"
    with pytest.raises(CiviparoisseError):
        client.visit("us").delete(reference, instance=NAMESPACE)


def test_whose_a_namespace_is_follows_from_both_labels() -> None:
    assert is_owned(make_namespace(manager="us"), "us")
    assert not is_owned(make_namespace(manager="us"), "them") and not is_owned(make_namespace(manager=None), "")
    assert not is_owned({"metadata": {"name": NAMESPACE, "labels": {MANAGER_LABEL: "us"}}}, "us")
    guard = Guard("us")
    guard.check(Reference("v1", "PersistentVolume", "", "pv-1"), instance="*", read=pytest.fail)
    guard.note(NAMESPACE, None)
    guard.check(Reference("v1", "Secret", NAMESPACE, "secret"), instance=NAMESPACE, read=pytest.fail)


def test_a_record_is_of_its_manager(api: FakeApi, client: ClusterClient) -> None:
    api.put(make_namespace(manager="them"))
    record = read_namespace(client, NAMESPACE)
    assert record is not None and record.ours and record.is_of("them") and not record.is_of("us")
