"""A run's time counts from when its program begins: while a node is found, volumes are attached and images are pulled,
the deadline of its Job moves on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import ClusterForbidden
from domain.start_stages import StartStage
from engine.kubernetes.client import FIELD_MANAGER
from engine.kubernetes.paths import Reference
from engine.kubernetes.pods import Pod, list_statuses, parse_time
from engine.kubernetes.run_context import RunContext
from engine.kubernetes.starting import find_stage
from manifests.labels import PREFIX

# On a Job whose deadline has moved: the one that it was made with.
ASKED = f"{PREFIX}/asked-deadline"
# What is waited for at most, as for servers (PREPARE_TIMEOUT_SECONDS).
MOST_WAITED = 1800
LEAST_CHANGE = 60


def extend_deadline(context: RunContext, job: Mapping[str, Any], pod: Pod | None) -> None:
    """Move the deadline of a running Job by what it has waited. Nothing happens under a role of before, which may not
    change Jobs."""
    asked, wanted = compute_deadline(job, pod, now=context.now())
    if wanted is None:
        return
    change = {"metadata": {"annotations": {ASKED: str(asked)}}, "spec": {"activeDeadlineSeconds": wanted}}
    reference = Reference("batch/v1", "Job", context.identifier, context.key)
    try:
        context.client.merge(reference, change, manager=FIELD_MANAGER, instance=context.identifier)
    except ClusterForbidden:
        return


def compute_deadline(job: Mapping[str, Any], pod: Pod | None, *, now: datetime) -> tuple[int, int | None]:
    """Return (seconds that the Job was made with, seconds that it should have); None where these are not much more
    than it has. Pure."""
    present = int(job["spec"].get("activeDeadlineSeconds") or 0)
    asked = int((job["metadata"].get("annotations") or {}).get(ASKED, present))
    started_at = parse_time((job.get("status") or {}).get("startTime"))
    if started_at is None or not present:
        return asked, None
    began_at = _find_begin(pod) if pod is not None else None
    waited = min(int(((began_at or now) - started_at).total_seconds()), MOST_WAITED)
    wanted = asked + max(0, waited)
    return asked, wanted if wanted - present >= LEAST_CHANGE else None


def _find_begin(pod: Pod) -> datetime | None:
    """Return when the first of the pod's containers began, None while none has."""
    if find_stage(pod) < StartStage.PULLING:
        return None
    states = [state for status in list_statuses(pod) for state in (status.get("state") or {}).values()]
    moments = [parse_time((state or {}).get("startedAt")) for state in states]
    return min((moment for moment in moments if moment), default=None)
