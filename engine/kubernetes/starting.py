"""How far a pod is on its way to being ready, and whether it can still get there. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from domain.start_stages import StartStage
from engine.kubernetes.pods import Pod, find_condition, is_ready, list_statuses

# Reasons of a waiting container that no time mends: somebody must change something.
HOPELESS = frozenset({"InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError"})
PULLS = frozenset({"ErrImagePull", "ImagePullBackOff"})
# What registries say of an image that will not be there by itself; a registry that is away says none of it.
REFUSALS = re.compile(
    r"not found|manifest unknown|does not exist|unauthorized|denied|forbidden|authentication required"
    r"|no match for platform",
    re.IGNORECASE,
)
AVAILABLE = re.compile(r"0/([0-9]+) nodes are available")
# Reasons why a node takes no pod that neither waiting nor another pod's end changes.
NEVER = re.compile(
    r"([0-9]+) node\(s\) (?:had volume node affinity conflict|didn't match Pod's node affinity/selector)"
)


def is_unschedulable(pod: Pod) -> bool:
    """Return whether the scheduler said that no node of today takes the pod."""
    scheduled = find_condition(pod, "PodScheduled") or {}
    return scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable"


def awaits_node(pod: Pod) -> bool:
    """Return whether one more node could take a pod that none of today takes."""
    return is_unschedulable(pod) and not is_hopeless(pod)


def find_stage(pod: Pod, *, nodes_come: bool = False) -> StartStage:
    """Return how far the pod is. Pulling: its sandbox and its volumes are there, and a container is not yet made.
    `nodes_come`: the cluster makes a node where one is missing."""
    if is_ready(pod):
        return StartStage.READY
    if nodes_come and awaits_node(pod):
        return StartStage.ENLARGING
    if (find_condition(pod, "PodScheduled") or {}).get("status") != "True" and not pod["spec"].get("nodeName"):
        return StartStage.SCHEDULING
    states = [status.get("state") or {} for status in list_statuses(pod)]
    if any("running" in state or "terminated" in state for state in states):
        waiting = any(_is_pulled(state) for state in states)
        return StartStage.PULLING if waiting and not _all_begun(pod) else StartStage.STARTING
    if (find_condition(pod, "PodReadyToStartContainers") or {}).get("status") == "True":
        return StartStage.PULLING
    return StartStage.ATTACHING


def _is_pulled(state: Mapping[str, Any]) -> bool:
    return (state.get("waiting") or {}).get("reason") in ("ContainerCreating", "PodInitializing", *PULLS)


def _all_begun(pod: Pod) -> bool:
    """Return whether every container has begun once: what waits now waits for itself, not for its image."""
    return all(status.get("imageID") for status in list_statuses(pod))


def is_hopeless(pod: Pod) -> bool:
    """Return whether the pod will not start however long is waited: an image that is not there or not given, a
    container whose configuration is missing, no node that its volumes let it go to."""
    if is_unschedulable(pod):
        message = str((find_condition(pod, "PodScheduled") or {}).get("message", ""))
        nodes, never = AVAILABLE.search(message), NEVER.findall(message)
        return nodes is not None and int(nodes[1]) > 0 and sum(map(int, never)) >= int(nodes[1])
    for status in list_statuses(pod):
        waiting = (status.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason")
        if reason in HOPELESS or (reason in PULLS and REFUSALS.search(str(waiting.get("message", "")))):
            return True
    return False
