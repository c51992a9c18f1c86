"""What a cluster-autoscaler says of itself, in both of its forms; what is old or broken says nothing."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from domain.cluster import ClusterSettings
from domain.specs import Component, ComponentPhase, JobPhase, JobProgram, JobSpec
from domain.start_stages import PREPARING, StartStage
from engine.kubernetes.autoscaler import UPDATED, do_nodes_come, is_growing, parse_new_nodes, read_new_nodes
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.engine import KubernetesEngine
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi, status
from tests.engine.kubernetes.objects import NAMESPACE, make_pod, provision
from tests.engine.kubernetes.test_fleet import make_node

NOW = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
YAML = """
time: 2026-11-25 22:00:00.1 +0000 UTC
autoscalerStatus: Running
clusterWide:
  health: {status: Healthy, nodeCounts: {registered: {total: 4, ready: 4}}}
nodeGroups:
- name: pool-a
  health: {status: Healthy, cloudProviderTarget: 2, minSize: 1, maxSize: 5}
  scaleUp: {status: NoActivity}
- name: pool-b
  health: {status: Healthy, cloudProviderTarget: 1, minSize: 0, maxSize: 9}
  scaleUp: {status: Backoff}
- name: pool-c
  health: {status: Unhealthy, cloudProviderTarget: 1, minSize: 0, maxSize: 9}
- name: full
  health: {status: Healthy, cloudProviderTarget: 3, minSize: 0, maxSize: 2}
"""
TEXT = """Cluster-autoscaler status at 2026-11-25 22:00:00.123 +0000 UTC:
Cluster-wide:
  Health:      Healthy (ready=3 unready=0 notStarted=0 longNotStarted=0 registered=3 longUnregistered=0)
NodeGroups:
  Name:        pool-a
  Health:      Healthy (ready=1 unready=0 registered=1 cloudProviderTarget=1 (minSize=1, maxSize=4))
               LastProbeTime:      2026-11-25 22:00:00.1 +0000 UTC
  Name:        pool-b
  Health:      Unhealthy (ready=0 unready=2 registered=2 cloudProviderTarget=2 (minSize=1, maxSize=8))
"""


def put_status(api: FakeApi, *, text: str = YAML, updated: str = "2026-11-25 21:59:50.5 +0000 UTC") -> None:
    metadata = {
        "name": "cluster-autoscaler-status",
        "namespace": "kube-system",
        "annotations": {UPDATED: updated} if updated else {},
    }
    api.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"status": text}})


@pytest.mark.parametrize(
    ("text", "count"),
    [(YAML, 3), (TEXT, 3), ("", 0), ("{", 0), ("nodeGroups: 3", 0), ("- a", 0), ("nodeGroups: [{name: x}]", 0)],
)
def test_groups_that_are_well_have_room_for_more(text: str, count: int) -> None:
    assert parse_new_nodes(text) == count


@pytest.mark.parametrize(
    ("updated", "count"),
    [
        ("2026-11-25 21:59:50.5 +0000 UTC", 3),
        ("2026-11-25 22:59:50 +0100 CET", 3),
        ("2026-11-25 21:30:00 +0000 UTC", 0),
        ("yesterday", 0),
        ("", 0),
    ],
)
def test_what_was_not_written_lately_says_nothing(
    api: FakeApi, client: ClusterClient, updated: str, count: int
) -> None:
    assert read_new_nodes(client, now=NOW) == 0, "there is none"
    put_status(api, updated=updated)
    assert read_new_nodes(client, now=NOW) == count
    api.fault = lambda _method, path: status(403, "Forbidden", "it cannot get it") if "kube-system" in path else None
    assert read_new_nodes(client, now=NOW) == 0


def test_a_look_counts_the_nodes_that_are_there_and_a_setting_says_otherwise(
    api: FakeApi, engine: KubernetesEngine
) -> None:
    api.put(make_node())
    put_status(api, updated=f"{datetime.now(UTC) - timedelta(seconds=20):%Y-%m-%d %H:%M:%S} +0000 UTC")
    assert engine.observe_fleet().most_nodes == 4
    engine.settings = dataclasses.replace(engine.settings, most_nodes=2)
    assert engine.observe_fleet().most_nodes == 2


WITHOUT_ROOM = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient cpu.",
}
# Every group is as large as it may be, and the last node of one is on its way.
LAST = YAML.replace("maxSize: 5", "maxSize: 2").replace("status: NoActivity", "status: InProgress")


def make_waiting_pod(name: str = "paroisse-set-db-0", component: str = "db", **more: str) -> dict[str, object]:
    return make_pod(name, component, node=None, phase="Pending", conditions=[WITHOUT_ROOM], **more)


@pytest.mark.parametrize(
    ("text", "growing"),
    [
        (YAML, False),
        (LAST, True),
        (TEXT, False),
        (TEXT + "  ScaleUp:     InProgress (ready=1 cloudProviderTarget=2)\n", True),
        ("", False),
        ("nodeGroups: [3, {scaleUp: null}]", False),
    ],
)
def test_a_group_that_grows_brings_a_node_even_when_it_may_grow_no_more(text: str, growing: bool) -> None:
    assert is_growing(text) is growing


@pytest.mark.parametrize(("text", "come"), [(YAML, True), (LAST, True), (LAST.replace("InProgress", "Idle"), False)])
def test_nodes_come_where_the_autoscaler_says_so_and_nobody_asks_it_without_need(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings, text: str, come: bool
) -> None:
    put_status(api, text=text)
    assert do_nodes_come(client, settings, [make_waiting_pod()], now=NOW) is come
    asked = len(api.calls)
    assert not do_nodes_come(client, settings, [make_pod("paroisse-set-db-0", "db")], now=NOW)
    assert len(api.calls) == asked


@pytest.mark.parametrize(("most", "come"), [(0, False), (1, False), (2, True)])
def test_without_its_word_the_setting_counts_against_the_nodes_at_work(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings, most: int, come: bool
) -> None:
    api.put({**make_node(), "status": {**make_node()["status"], "conditions": [{"type": "Ready", "status": "True"}]}})
    late = make_node()
    late["metadata"]["name"], late["status"] = "late", {"conditions": [{"type": "Ready", "status": "False"}]}
    api.put(late)
    settings = dataclasses.replace(settings, most_nodes=most)
    assert do_nodes_come(client, settings, [make_waiting_pod()], now=NOW) is come


def test_a_server_and_a_run_that_wait_for_a_new_node_are_given_the_time_of_a_pull(
    api: FakeApi, engine: KubernetesEngine
) -> None:
    spec = make_spec(NAMESPACE)
    provision(api, engine)
    api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["status"]["readyReplicas"] = 0
    api.put(make_waiting_pod())
    job = JobSpec(name="verify-1", program=JobProgram.VERIFY, environment={}, deadline_seconds=600)
    engine.run_job(spec, job)
    (made,) = [key[2] for key in api.objects if key[0] == "Job"]
    api.put(make_waiting_pod("verify-1-x", "verify", job=made))
    assert engine.apply(spec).components[Component.DB].phase is ComponentPhase.FAILED, "no autoscaler is at work"
    put_status(api, updated=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} +0000 UTC")
    database, run = engine.apply(spec).components[Component.DB], engine.run_job(spec, job)
    assert (database.phase, run.phase) == (ComponentPhase.STARTING, JobPhase.RUNNING)
    assert database.stage is run.stage is StartStage.ENLARGING and StartStage.ENLARGING in PREPARING
    assert "Insufficient cpu" in database.detail
