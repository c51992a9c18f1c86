"""What a cluster-autoscaler says of itself, in both of its forms; what is old or broken says nothing."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from engine.kubernetes.autoscaler import UPDATED, parse_new_nodes, read_new_nodes
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.engine import KubernetesEngine
from tests.engine.kubernetes.fake_api import FakeApi, status
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
