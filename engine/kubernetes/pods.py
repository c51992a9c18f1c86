"""What a pod is, and what ails it, in words. Pure: documents of the API in."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from domain.quantities import parse_bytes, parse_millicores
from domain.reservations import NOTHING, Reservation, compute_pod_request

Pod = Mapping[str, Any]

# Reasons of a waiting container that do not pass by themselves, or only once somebody does something.
TROUBLES = frozenset(
    "ImagePullBackOff ErrImagePull ErrImageNeverPull InvalidImageName ImageInspectError RegistryUnavailable"
    " CreateContainerConfigError CreateContainerError RunContainerError CrashLoopBackOff".split()
)
ENDED = frozenset({"Succeeded", "Failed"})
KILLED = 137  # 128 + SIGKILL
TEXT_LENGTH = 400


def get_name(object_: Mapping[str, Any]) -> str:
    """Return an object's name."""
    name: str = object_["metadata"]["name"]
    return name


def get_label(object_: Mapping[str, Any], label: str) -> str:
    """Return the value of a label, "" when it has none."""
    value = (object_["metadata"].get("labels") or {}).get(label, "")
    return str(value)


def parse_time(text: object) -> datetime | None:
    """Return a moment as the API writes it, None for none."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def has_ended(pod: Pod) -> bool:
    """Return whether all of a pod's containers are done: it holds nothing any more."""
    return (pod.get("status") or {}).get("phase") in ENDED


def is_ending(pod: Pod) -> bool:
    """Return whether the pod's deletion was asked for."""
    return bool(pod["metadata"].get("deletionTimestamp"))


def is_ready(pod: Pod) -> bool:
    """Return whether the pod is ready, and is to stay."""
    return not is_ending(pod) and (find_condition(pod, "Ready") or {}).get("status") == "True"


def list_statuses(pod: Pod) -> Iterator[Mapping[str, Any]]:
    """Yield the state of every container, those of the start first."""
    status = pod.get("status") or {}
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()


def find_termination(pod: Pod, container: str) -> Mapping[str, Any] | None:
    """Return how a container ended, None while it has not."""
    for status in list_statuses(pod):
        if status["name"] == container:
            ended: Mapping[str, Any] | None = (status.get("state") or {}).get("terminated")
            return ended
    return None


def parse_result(termination: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the JSON object that a program left in its termination message, None when it left none."""
    try:
        content = json.loads((termination or {}).get("message") or "")
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def describe_trouble(pod: Pod) -> str:
    """Return why a pod will not become ready by itself; empty when nothing says so."""
    status = pod.get("status") or {}
    scheduled = find_condition(pod, "PodScheduled") or {}
    if scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable":
        return _cut(f"Unschedulable: {scheduled.get('message', '')}")
    if status.get("phase") == "Failed":
        return _cut(f"{status.get('reason') or 'Failed'}: {status.get('message') or _describe_ends(pod)}")
    for container_status in list_statuses(pod):
        waiting = (container_status.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in TROUBLES:
            last = (container_status.get("lastState") or {}).get("terminated") or {}
            said = _describe_end(last) if last else waiting.get("message", "")
            return _cut(f"{container_status['name']}: {waiting['reason']}: {said}")
    return ""


def describe_progress(pod: Pod) -> str:
    """Return what a pod that is not ready yet is doing."""
    if is_ending(pod):
        return f"pod {get_name(pod)} is ending"
    for status in list_statuses(pod):
        waiting = (status.get("state") or {}).get("waiting")
        if waiting:
            return f"pod {get_name(pod)}: {status['name']} waits ({waiting.get('reason', '?')})"
    return f"pod {get_name(pod)} is {(pod.get('status') or {}).get('phase', 'Pending')}"


def was_killed(termination: Mapping[str, Any]) -> bool:
    """Return whether a container was killed rather than ended by itself."""
    return termination.get("reason") == "OOMKilled" or termination.get("exitCode") == KILLED


def _describe_ends(pod: Pod) -> str:
    ends = ((status["name"], (status.get("state") or {}).get("terminated")) for status in list_statuses(pod))
    return "; ".join(f"{name}: {_describe_end(end)}" for name, end in ends if end and end.get("exitCode"))


def _describe_end(end: Mapping[str, Any]) -> str:
    """Without the message: it may be anything that a program wrote."""
    if end.get("reason") == "OOMKilled":
        return "killed for lack of memory (OOMKilled)"
    return f"exit code {end.get('exitCode')}"


def compute_reserved(pod: Pod) -> Reservation:
    """Return what the scheduler holds for the pod now: nothing once it has ended or before it has a node. Where its
    resources are being changed in place, the larger of what is asked and what the node still gives (KEP-1287)."""
    spec = pod["spec"]
    if has_ended(pod) or not spec.get("nodeName"):
        return NOTHING
    given = {status["name"]: status for status in list_statuses(pod)}
    kinds = ("initContainers", "containers")
    resized = {
        kind: [_with_larger(container, given.get(container["name"])) for container in spec.get(kind) or ()]
        for kind in kinds
    }
    return compute_pod_request({**spec, **resized})


def _with_larger(container: Mapping[str, Any], status: Mapping[str, Any] | None) -> Mapping[str, Any]:
    resources = container.get("resources") or {}
    asked = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    given = [
        (status or {}).get("allocatedResources") or {},
        ((status or {}).get("resources") or {}).get("requests") or {},
    ]
    if not any(given):
        return container
    requests = dict(asked)
    for amounts in given:
        for name, parse in (("cpu", parse_millicores), ("memory", parse_bytes)):
            if name in amounts and name in requests and parse(amounts[name]) > parse(requests[name]):
                requests[name] = amounts[name]
    return {**container, "resources": {**resources, "requests": requests}}


def find_condition(pod: Pod, kind: str) -> Mapping[str, Any] | None:
    """Return a condition of the pod, None where nothing is said of it."""
    conditions: Iterator[Mapping[str, Any]] = iter((pod.get("status") or {}).get("conditions") or ())
    return next((condition for condition in conditions if condition.get("type") == kind), None)


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= TEXT_LENGTH else flat[: TEXT_LENGTH - 1] + "…"
