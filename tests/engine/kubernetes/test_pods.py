"""What ails a pod is said in the words of whoever knows: the scheduler, the kubelet, the kernel."""

import pytest

from domain.reservations import NOTHING, Reservation
from engine.kubernetes.pods import (
    compute_reserved,
    describe_progress,
    describe_trouble,
    find_termination,
    has_ended,
    is_ready,
    parse_result,
    parse_time,
    was_killed,
)
from tests.builders import MEBIBYTE
from tests.engine.kubernetes.objects import make_end, make_ended_pod, make_pod


def make_waiting(waits: str, **last: object) -> dict[str, object]:
    status: dict[str, object] = {"name": "db", "state": {"waiting": {"reason": waits, "message": "back-off"}}}
    if last:
        status["lastState"] = {"terminated": last}
    return status


def test_the_scheduler_s_sentence_is_kept() -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes: memory"}
    pod = make_pod("db-0", "db", node=None, phase="Pending", conditions=[condition])
    assert describe_trouble(pod) == "Unschedulable: 0/3 nodes: memory"
    assert compute_reserved(pod) == NOTHING


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "ErrImageNeverPull", "CreateContainerConfigError"])
def test_what_keeps_a_container_from_starting_is_named(reason: str) -> None:
    pod = make_pod("db-0", "db", phase="Pending", containerStatuses=[make_waiting(reason)])
    assert describe_trouble(pod) == f"db: {reason}: back-off"


def test_a_crash_says_how_it_ended_last_and_never_what_it_wrote() -> None:
    crashed = make_waiting("CrashLoopBackOff", exitCode=1, reason="Error", message="password hunter2")
    assert describe_trouble(make_pod("db-0", "db", containerStatuses=[crashed])) == "db: CrashLoopBackOff: exit code 1"
    killed = make_waiting("CrashLoopBackOff", exitCode=137, reason="OOMKilled")
    assert "lack of memory (OOMKilled)" in describe_trouble(make_pod("db-0", "db", containerStatuses=[killed]))


def test_an_eviction_is_told() -> None:
    pod = make_pod("db-0", "db", phase="Failed", reason="Evicted", message="The node was low on resource: memory")
    assert describe_trouble(pod) == "Evicted: The node was low on resource: memory"
    assert has_ended(pod)


def test_what_starts_is_no_trouble() -> None:
    pod = make_pod("db-0", "db", phase="Pending", conditions=[], containerStatuses=[make_waiting("ContainerCreating")])
    assert describe_trouble(pod) == "" and not is_ready(pod)
    assert describe_progress(pod) == "pod db-0: db waits (ContainerCreating)"
    assert describe_progress(make_pod("db-0", "db")) == "pod db-0 is Running"


def test_a_pod_that_is_ending_is_not_ready() -> None:
    pod = make_pod("db-0", "db")
    assert is_ready(pod)
    pod["metadata"]["deletionTimestamp"] = "2026-11-25T22:00:00Z"
    assert not is_ready(pod) and describe_progress(pod) == "pod db-0 is ending"


def test_a_program_s_result_is_its_termination_message() -> None:
    pod = make_ended_pod("b-1", "backup", message={"ok": True, "rows": 3})
    assert parse_result(find_termination(pod, "backup")) == {"ok": True, "rows": 3}
    assert find_termination(pod, "other") is None
    for message in ("", "{", "[1]", "null", "[" * 10_000):
        assert parse_result(make_end("backup", message=message)["state"]["terminated"]) is None
    assert parse_result(None) is None


def test_a_kill_is_not_an_end() -> None:
    assert was_killed({"exitCode": 137}) and was_killed({"exitCode": 1, "reason": "OOMKilled"})
    assert not was_killed({"exitCode": 1})


def test_an_ended_pod_holds_nothing_and_a_running_one_what_it_asked() -> None:
    assert compute_reserved(make_pod("db-0", "db")) == Reservation(250, 384 * MEBIBYTE)
    assert compute_reserved(make_ended_pod("b-1", "backup")) == NOTHING


def test_while_a_pod_is_resized_the_larger_amount_counts() -> None:
    given = {"name": "db", "allocatedResources": {"cpu": "1", "memory": "128Mi"}}
    assert compute_reserved(make_pod("db-0", "db", containerStatuses=[given])) == Reservation(1000, 384 * MEBIBYTE)
    real = {"name": "db", "resources": {"requests": {"memory": "1Gi"}}}
    assert compute_reserved(make_pod("db-0", "db", containerStatuses=[real])) == Reservation(250, 1024 * MEBIBYTE)


def test_times_are_the_api_s() -> None:
    found = parse_time("2026-11-25T22:00:00Z")
    assert found is not None and found.utcoffset() is not None
    assert parse_time(None) is None and parse_time("") is None
