"""Where one run is: from its Job and its pods. Pure.

Our own programs leave their result in the termination message. UEPAL's images (init, update, cron) leave none: their
exit code is all that they say, and what they made is judged elsewhere (engine.kubernetes.proof).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.specs import JobPhase, JobProgram, JobStatus
from domain.start_stages import StartStage
from engine.kubernetes.pods import (
    Pod,
    describe_progress,
    describe_trouble,
    find_termination,
    list_statuses,
    parse_result,
    parse_time,
    was_killed,
)
from engine.kubernetes.starting import find_stage, is_hopeless

WITHOUT_RESULT = frozenset({JobProgram.INIT, JobProgram.UPDATE, JobProgram.CRON})
DEADLINE = "DeadlineExceeded"
LOG_BYTES = 8192
NO_MEMORY = "it was killed for lack of memory (OOMKilled)"

Job = Mapping[str, Any]


def find_end(job: Job) -> Mapping[str, Any] | None:
    """Return the condition that ended a Job, None while it runs or its pods are still ending."""
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition.get("type") in ("Complete", "Failed") and condition.get("status") == "True":
            end: Mapping[str, Any] = condition
            return end
    return None


def select_pod(pods: Iterable[Pod]) -> Pod | None:
    """Return the newest pod of a run."""
    return max(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")), default=None)


def make_status(
    name: str,
    program: JobProgram,
    job: Job,
    pod: Pod | None,
    *,
    container: str,
    log: str = "",
    nodes_come: bool = False,
) -> JobStatus:
    """Return where the run called `name` is. `container`: the one that runs the program. `log`: its end, redacted.
    `nodes_come`: the cluster makes a node where one is missing."""
    end = find_end(job)
    started_at = parse_time((job.get("status") or {}).get("startTime"))
    progress, said, tail = split_log(log)
    if end is None:
        message = said or (_describe(pod) if pod else "waits for its pod")
        return JobStatus(
            name=name,
            phase=JobPhase.RUNNING,
            progress=progress,
            message=message,
            log_tail=tail,
            started_at=started_at,
            is_hopeless=pod is not None and is_hopeless(pod),
            stage=find_stage(pod, nodes_come=nodes_come) if pod is not None else StartStage.SCHEDULING,
        )
    phase, result, message = _decide(program, job, end, pod, container)
    return JobStatus(
        name=name,
        phase=phase,
        progress=100 if phase is JobPhase.SUCCEEDED else progress,
        message=message,
        result=result,
        log_tail=tail,
        started_at=started_at,
        ended_at=_find_ended_at(job, end, started_at),
    )


def _describe(pod: Pod) -> str:
    return describe_trouble(pod) or describe_progress(pod)


def _decide(
    program: JobProgram, job: Job, end: Mapping[str, Any], pod: Pod | None, container: str
) -> tuple[JobPhase, Mapping[str, Any] | None, str]:
    """Return (phase, result, message) of a run that has ended."""
    if end.get("reason") == DEADLINE:
        seconds = job["spec"].get("activeDeadlineSeconds", 0)
        text = f"{program.value} did not end within {seconds} seconds and was killed."
        params = {"step": program.value, "seconds": seconds}
        return JobPhase.FAILED, make_error("deadline_exceeded", text, "Look at the end of its log.", **params), text
    termination = find_termination(pod, container) if pod else None
    result = parse_result(termination)
    if result is not None and result.get("ok") is False:
        return JobPhase.FAILED, result, ""
    if end["type"] == "Complete":
        if result is not None and result.get("ok") is True:
            return JobPhase.SUCCEEDED, result, ""
        if program in WITHOUT_RESULT:
            return JobPhase.SUCCEEDED, {"ok": True}, ""
        return JobPhase.LOST, None, "it ended well and its result is gone with its pod"
    if pod is None:
        return JobPhase.LOST, None, "its pod is gone"
    if termination is not None and was_killed(termination):
        return JobPhase.LOST, None, NO_MEMORY if termination.get("reason") == "OOMKilled" else "it was killed"
    failed = [status for status in list_statuses(pod) if _get_exit_code(status)]
    if failed and (program in WITHOUT_RESULT or termination is None):
        text = f"the container {failed[0]['name']} ended with exit code {_get_exit_code(failed[0])}"
        params = {"exit_code": _get_exit_code(failed[0])}
        return JobPhase.FAILED, make_error("exited", text, "Look at the end of its log.", **params), text
    return JobPhase.LOST, None, describe_trouble(pod) or "it ended without a result"


def make_error(code: str, message: str, hint: str, *, retryable: bool = False, **params: Any) -> dict[str, Any]:
    """Return a result as our programs write it when they fail."""
    error = {"code": code, "message": message, "hint": hint, "retryable": retryable, "params": params}
    return {"ok": False, "error": error}


def _get_exit_code(status: Mapping[str, Any]) -> int:
    ended = (status.get("state") or {}).get("terminated") or {}
    return int(ended.get("exitCode") or 0)


def _find_ended_at(job: Job, end: Mapping[str, Any], started_at: datetime | None) -> datetime | None:
    stated = (job.get("status") or {}).get("completionTime") or end.get("lastTransitionTime")
    return parse_time(stated) or started_at


def split_log(log: str) -> tuple[int, str, str]:
    """Return (progress, its message, the rest of the log): our programs tell how far they are by lines of JSON."""
    progress, message, others = 0, "", []
    for line in log.splitlines():
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            content = None
        if isinstance(content, dict) and isinstance(content.get("progress"), int | float):
            progress = max(0, min(100, int(content["progress"])))
            message = str(content.get("message", ""))[:500]
        else:
            others.append(line)
    return progress, message, "\n".join(others)[-LOG_BYTES:]
