"""How far a pod is, and when it will never start."""

from typing import Any

import pytest

from domain.start_stages import StartStage
from engine.kubernetes.starting import awaits_node, find_stage, is_hopeless, is_unschedulable
from tests.engine.kubernetes.objects import make_pod

SCHEDULED = {"type": "PodScheduled", "status": "True"}
SANDBOX = {"type": "PodReadyToStartContainers", "status": "True"}


def make_state(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "db", "state": state, **more}


def make_waiting(reason: str, message: str = "") -> dict[str, Any]:
    return make_state({"waiting": {"reason": reason, "message": message}})


def make_unschedulable(message: str) -> dict[str, Any]:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return make_pod("db-0", "db", node=None, phase="Pending", conditions=[condition])


def test_the_way_of_a_pod_is_told_stage_by_stage() -> None:
    creating, running = make_waiting("ContainerCreating"), make_state({"running": {}}, imageID="sha256:1")
    pods = [
        make_pod("db-0", "db", node=None, phase="Pending", conditions=[]),
        make_unschedulable("0/1 nodes are available: 1 Insufficient cpu."),
        make_pod("db-0", "db", phase="Pending", conditions=[SCHEDULED], containerStatuses=[creating]),
        make_pod("db-0", "db", phase="Pending", conditions=[SCHEDULED, SANDBOX], containerStatuses=[creating]),
        make_pod("db-0", "db", conditions=[SCHEDULED, SANDBOX], containerStatuses=[running]),
        make_pod("db-0", "db"),
    ]
    assert [find_stage(pod, nodes_come=True) for pod in pods] == list(StartStage)[1:]
    assert find_stage(pods[1]) is StartStage.SCHEDULING, "without an autoscaler none comes"
    next_image = make_pod("db-0", "db", conditions=[SCHEDULED], containerStatuses=[running, creating])
    assert find_stage(next_image) is StartStage.PULLING


@pytest.mark.parametrize(
    ("reason", "message", "hopeless"),
    [
        ("ErrImagePull", 'failed to resolve reference "a/b:c": a/b:c: not found', True),
        ("ImagePullBackOff", "Back-off pulling image: pull access denied, repository does not exist", True),
        ("ImagePullBackOff", "unexpected status: 401 Unauthorized", True),
        ("ErrImagePull", "dial tcp 10.0.0.1:443: i/o timeout", False),
        ("ImagePullBackOff", "Back-off pulling image: 503 Service Unavailable", False),
        ("InvalidImageName", "", True),
        ("ErrImageNeverPull", "", True),
        ("CreateContainerConfigError", 'secret "secret" not found', True),
        ("CrashLoopBackOff", "back-off 10s: not found", False),
        ("ContainerCreating", "", False),
    ],
)
def test_what_no_time_mends_is_hopeless(reason: str, message: str, hopeless: bool) -> None:
    pod = make_pod("db-0", "db", phase="Pending", conditions=[], containerStatuses=[make_waiting(reason, message)])
    assert is_hopeless(pod) is hopeless


TWO = "2 node(s) didn't match Pod's node affinity/selector."


@pytest.mark.parametrize(
    ("message", "hopeless"),
    [
        ("0/3 nodes are available: 3 node(s) had volume node affinity conflict.", True),
        ("0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had volume node affinity conflict.", False),
        (f"0/3 nodes are available: 1 node(s) had volume node affinity conflict, {TWO}", True),
        ("0/1 nodes are available: 1 Insufficient memory.", False),
        ("0/0 nodes are available", False),
        ("pod has unbound immediate PersistentVolumeClaims", False),
    ],
)
def test_no_node_is_hopeless_only_where_none_could_ever_take_it(message: str, hopeless: bool) -> None:
    assert is_hopeless(make_unschedulable(message)) is hopeless


def test_a_pod_that_runs_is_not_hopeless() -> None:
    assert not is_hopeless(make_pod("db-0", "db"))


def test_no_new_node_is_awaited_for_a_pod_whose_volumes_bind_it_elsewhere() -> None:
    bound = make_unschedulable("0/3 nodes are available: 3 node(s) had volume node affinity conflict.")
    assert is_unschedulable(bound) and not awaits_node(bound)
    assert find_stage(bound, nodes_come=True) is StartStage.SCHEDULING
    assert awaits_node(make_unschedulable("0/3 nodes are available: 3 Insufficient memory."))
    assert not awaits_node(make_pod("db-0", "db"))
