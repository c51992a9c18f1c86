"""Where a run is: its own result first, then how its container ended, then that it is gone."""

import json
from typing import Any

import pytest

from domain.specs import JobPhase, JobProgram, JobStatus
from engine.kubernetes.job_status import find_end, make_error, make_status, select_pod, split_log
from tests.engine.kubernetes.objects import make_end, make_ended_pod, make_pod

ERROR = {"ok": False, "error": {"code": "no_space"}}


def make_job(kind: str = "", reason: str = "") -> dict[str, Any]:
    conditions = [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Failed", "status": "False"}]
    if kind:
        end = {"type": kind, "status": "True", "reason": reason, "lastTransitionTime": "2026-11-25T22:06:00Z"}
        conditions.append(end)
    status = {"startTime": "2026-11-25T22:00:00Z", "conditions": conditions}
    return {"metadata": {"name": "x"}, "spec": {"activeDeadlineSeconds": 60}, "status": status}


def decide(job: dict[str, Any], pod: dict[str, Any] | None, program: str = "backup", log: str = "") -> JobStatus:
    return make_status("x", JobProgram(program), job, pod, container=program, log=log)


def test_a_job_runs_until_its_pods_have_ended() -> None:
    status = decide(make_job(), make_pod("x-1", "backup"))
    assert (status.phase, status.message, status.ended_at) == (JobPhase.RUNNING, "pod x-1 is Running", None)
    assert decide(make_job(), None).message == "waits for its pod"
    unschedulable = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no room"}
    waiting = make_pod("x-1", "backup", node=None, phase="Pending", conditions=[unschedulable])
    assert decide(make_job(), waiting).message == "Unschedulable: no room"


def test_progress_comes_from_the_log_and_the_rest_of_it_is_its_tail() -> None:
    log = '{"progress": 10, "message": "a"}\nINFO hello\n{"progress": 140, "message": "b"}\n{"progress": "x"}\n[1]\n'
    status = decide(make_job(), make_pod("x-1", "backup"), log=log)
    assert (status.progress, status.message) == (100, "b")
    assert status.log_tail == 'INFO hello\n{"progress": "x"}\n[1]'
    assert split_log("") == (0, "", "")


def test_success_is_the_program_s_own_word() -> None:
    good = make_ended_pod("x-1", "backup", message={"ok": True, "rows": 3})
    status = decide(make_job("Complete"), good)
    assert (status.phase, status.progress, status.result) == (JobPhase.SUCCEEDED, 100, {"ok": True, "rows": 3})
    assert status.started_at is not None and status.ended_at is not None and status.started_at < status.ended_at
    assert decide(make_job("Complete"), make_ended_pod("x-1", "backup")).phase is JobPhase.LOST
    assert decide(make_job("Complete"), None).phase is JobPhase.LOST


@pytest.mark.parametrize("program", ["init", "update", "cron"])
def test_images_without_a_result_are_judged_by_their_end(program: str) -> None:
    assert decide(make_job("Complete"), make_ended_pod("x-1", program), program).phase is JobPhase.SUCCEEDED
    failed = decide(make_job("Failed", "BackoffLimitExceeded"), make_ended_pod("x-1", program, exit_code=3), program)
    assert failed.phase is JobPhase.FAILED and failed.result is not None
    assert (failed.result["error"]["code"], failed.result["error"]["params"]) == ("exited", {"exit_code": 3})


def test_a_program_s_own_error_is_kept_whole() -> None:
    failed = decide(
        make_job("Failed", "BackoffLimitExceeded"), make_ended_pod("x", "backup", exit_code=1, message=ERROR)
    )
    assert (failed.phase, failed.result) == (JobPhase.FAILED, ERROR)


def test_the_deadline_comes_before_whatever_the_pod_says() -> None:
    pod = make_ended_pod("x", "backup", exit_code=1, message=ERROR)
    failed = decide(make_job("Failed", "DeadlineExceeded"), pod)
    assert failed.phase is JobPhase.FAILED and failed.result is not None
    assert failed.result["error"]["code"] == "deadline_exceeded"
    assert failed.result["error"]["params"] == {"step": "backup", "seconds": 60}


@pytest.mark.parametrize("program", ["backup", "init"])
def test_what_was_killed_is_lost_and_memory_is_named(program: str) -> None:
    job = make_job("Failed", "BackoffLimitExceeded")
    killed = decide(job, make_ended_pod("x", program, exit_code=137, reason="OOMKilled"), program)
    assert (killed.phase, killed.result) == (JobPhase.LOST, None)
    assert "lack of memory" in killed.message
    assert decide(job, make_ended_pod("x", program, exit_code=137), program).phase is JobPhase.LOST
    assert decide(job, None, program).message == "its pod is gone"


def test_an_own_program_that_left_no_word_is_lost() -> None:
    status = decide(make_job("Failed", "BackoffLimitExceeded"), make_ended_pod("x", "backup", exit_code=1))
    assert status.phase is JobPhase.LOST


def test_a_start_that_failed_is_a_failure_with_the_container_s_name() -> None:
    pod = make_pod("x", "backup", phase="Failed", initContainerStatuses=[make_end("dbrouter", exit_code=2)])
    status = decide(make_job("Failed", "BackoffLimitExceeded"), pod)
    assert status.phase is JobPhase.FAILED and "dbrouter ended with exit code 2" in status.message


def test_the_newest_pod_counts_and_an_unmet_condition_is_no_end() -> None:
    old, new = make_pod("old", "backup"), make_pod("new", "backup")
    old["metadata"]["creationTimestamp"], new["metadata"]["creationTimestamp"] = "2026-01-01", "2026-01-02"
    assert select_pod([new, old]) is new and select_pod([]) is None
    assert find_end(make_job()) is None


def test_an_error_is_written_as_our_programs_do() -> None:
    error = make_error("x", "text", "hint", retryable=True, seconds=3)
    assert json.loads(json.dumps(error))["error"]["params"] == {"seconds": 3}
