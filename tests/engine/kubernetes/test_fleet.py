"""A whole cluster by eight lists; one look at an instance and at all of them agree."""

from datetime import timedelta
from typing import Any

from domain.reservations import NOTHING, Reservation
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.fleet import (
    cut_pod,
    cut_schedule,
    cut_server,
    make_views,
    observe_cluster,
    observe_node,
    observe_pod,
    observe_volume,
)
from tests.builders import MEBIBYTE, make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, NOW, make_ended_pod, make_pod, make_volume, provision


def make_node(**changes: Any) -> dict[str, Any]:
    room = {"cpu": "3920m", "memory": "16Gi", "pods": "110", "attachable-volumes-csi-cinder": "25"}
    ready = [{"type": "Ready", "status": "True"}]
    node = {"kind": "Node", "metadata": {"name": "node1"}, "status": {"allocatable": room, "conditions": ready}}
    return {**node, "spec": {}, **changes}


def test_both_looks_agree_and_the_number_of_calls_is_fixed(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    api.put(make_node())
    counts = []
    for other in ("saint-jean", "sainte-marie"):
        before = engine.client.requests
        fleet = observe_cluster(engine.client, now=NOW)
        counts.append(engine.client.requests - before)
        assert fleet.instances[NAMESPACE] == engine.observe(NAMESPACE)
        engine.apply(make_spec(other))
    assert counts == [8, 8]
    assert [node.name for node in fleet.nodes] == ["node1"]


def test_a_node_is_schedulable_when_it_is_ready_and_open_to_all() -> None:
    node = observe_node(make_node(), now=NOW)
    assert node.allocatable == Reservation(3920, 16384 * MEBIBYTE)
    assert (node.most_pods, node.most_volumes, node.schedulable) == (110, 25, True)
    cordoned = make_node(spec={"unschedulable": True})
    tainted = make_node(spec={"taints": [{"effect": "NoSchedule"}]})
    unknown = make_node(status={"conditions": [{"type": "Ready", "status": "Unknown"}]})
    silent = make_node(status={})
    assert [is_schedulable(one) for one in (cordoned, tainted, unknown, silent)] == [False] * 4
    assert observe_node(unknown, now=NOW).most_pods is None


def is_schedulable(node: dict[str, Any]) -> bool:
    return observe_node(node, now=NOW).schedulable


def test_a_node_that_was_ready_a_moment_ago_is_expected_back() -> None:
    """As all are when the API server was away: their signs of life had nowhere to go."""

    def make_lost(seconds: int, *, status: str = "Unknown", **spec: Any) -> dict[str, Any]:
        since = (NOW - timedelta(seconds=seconds)).isoformat()
        taint = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}
        conditions = [{"type": "Ready", "status": status, "lastTransitionTime": since}]
        return make_node(status={"conditions": conditions}, spec={"taints": [taint], **spec})

    assert is_schedulable(make_lost(299)) and is_schedulable(make_lost(0, status="False"))
    assert not is_schedulable(make_lost(300))
    assert not is_schedulable(make_lost(10, unschedulable=True))
    assert not is_schedulable(make_lost(10, taints=[{"key": "theirs", "effect": "NoSchedule"}]))


def test_pods_of_others_count_for_their_node_and_are_nobody_s() -> None:
    pod = make_pod("coredns", "dns")
    pod["metadata"]["labels"] = {"app.kubernetes.io/component": "dns"}
    found = observe_pod(pod)
    assert (found.instance, found.component, found.reserved) == (None, "", Reservation(250, 384 * MEBIBYTE))
    ours = observe_pod(make_pod("paroisse-set-db-0", "db"))
    assert (ours.instance, ours.component, ours.job, ours.ended_at) == (NAMESPACE, "db", "", None)


def test_a_run_has_its_name_and_its_end() -> None:
    asked = make_ended_pod("b-1", "backup", job="backup-op-1-x", message={"ok": True})
    asked["metadata"]["labels"]["civiparoisse.uepal.fr/job"] = "backup-op-1"
    found = observe_pod(asked)
    assert (found.job, found.reserved, found.failed) == ("backup-op-1", NOTHING, False)
    assert found.started_at is not None and found.ended_at is not None and found.started_at < found.ended_at
    assert observe_pod(make_ended_pod("c-1", "cron", job="civicron-1", exit_code=1)).failed
    assert observe_pod(make_ended_pod("c-1", "cron", job="civicron-1")).job == "civicron-1"
    evicted = make_pod("e", "cron", phase="Failed", conditions=[])
    assert observe_pod(
        evicted | {"metadata": {**evicted["metadata"], "creationTimestamp": "2026-11-25T22:00:00Z"}}
    ).ended_at


def test_volumes_are_an_instance_s_by_their_claim_unless_its_namespace_is_another_s() -> None:
    mounted = {(NAMESPACE, "dbvolclaim")}
    bound = observe_volume(make_volume("pv-1", NAMESPACE), mounted, set())
    assert (bound.instance, bound.is_bound, bound.is_mounted, bound.capacity_bytes) == (NAMESPACE, True, True, 1024**3)
    left = observe_volume(make_volume("pv-1", NAMESPACE, phase="Released"), set(), set())
    assert (left.instance, left.is_bound, left.is_mounted, left.reclaim_policy) == (NAMESPACE, False, False, "Delete")
    assert observe_volume(make_volume("pv-1", "theirs"), set(), {"theirs"}).instance is None


def test_what_a_purge_left_is_seen_and_what_is_others_is_not(api: FakeApi, engine: KubernetesEngine) -> None:
    api.put({"kind": "Namespace", "metadata": {"name": "theirs"}})
    api.put(make_volume("pv-1", "theirs", phase="Released"))
    api.put(make_volume("pv-2", NAMESPACE, phase="Released"))
    fleet = engine.observe_fleet()
    assert {name: one.remains for name, one in fleet.instances.items()} == {NAMESPACE: ("volume pv-2 (Released)",)}
    assert [view.identifier for view in make_views({}, servers=(), schedules=(), pods=(), claims=(), volumes=())] == []


def test_what_is_kept_of_an_object_is_what_is_read() -> None:
    pod = make_pod("db-0", "db")
    pod["metadata"]["managedFields"] = [{"x": 1}]
    pod["spec"]["containers"][0] |= {"env": [{"name": "A", "value": "secret"}], "image": "x"}
    small = cut_pod(pod)
    assert "managedFields" not in small["metadata"] and set(small["spec"]["containers"][0]) == {"name", "resources"}
    assert observe_pod(small) == observe_pod(pod)
    assert cut_server({"metadata": {"name": "x"}, "spec": {"replicas": 1, "template": {}}})["spec"] == {"replicas": 1}
    assert cut_schedule({"metadata": {"name": "x"}, "spec": {"jobTemplate": {}}})["spec"] == {"suspend": False}


def test_the_limit_of_a_node_is_its_driver_s_less_what_others_hold(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    node = make_node()
    del node["status"]["allocatable"]["attachable-volumes-csi-cinder"]
    api.put(node)
    drivers = [{"name": "ebs", "allocatable": {"count": 12}}, {"name": "smb", "allocatable": {"count": 3}}]
    api.put({"kind": "CSINode", "metadata": {"name": "node1"}, "spec": {"drivers": drivers}})
    for name, namespace, claim in (("pv-1", NAMESPACE, "dbvolclaim"), ("pv-2", "theirs", "content")):
        volume = make_volume(name, namespace, claim=claim)
        volume["spec"]["csi"] = {"driver": "ebs"}
        api.put(volume)
    theirs = make_pod("app-0", "x")
    theirs["metadata"] |= {"namespace": "theirs", "labels": {}}
    theirs["spec"]["volumes"] = [{"name": "v", "persistentVolumeClaim": {"claimName": "content"}}]
    api.put(theirs)
    (seen,) = engine.observe_fleet().nodes
    assert seen.most_volumes == 11
