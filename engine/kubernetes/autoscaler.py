"""Whether, and how many, more nodes a cluster makes by itself: what the cluster-autoscaler says of itself in a
ConfigMap, or a setting.

Two forms: YAML since its 1.30, lines of text before. What is old says nothing: the ConfigMap outlives its writer.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import yaml

from domain.cluster import ClusterSettings
from domain.errors import ClusterForbidden
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.paths import Reference
from engine.kubernetes.pods import Pod, is_ready
from engine.kubernetes.starting import awaits_node

STATUS = Reference("v1", "ConfigMap", "kube-system", "cluster-autoscaler-status")
UPDATED = "cluster-autoscaler.kubernetes.io/last-updated"
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)? ([+-][0-9]{4})")
# It writes every ten seconds.
FRESH = timedelta(minutes=15)
# A line of a group of nodes; that of the whole cluster knows no sizes.
GROUP = re.compile(r"Health: +(\w+) .*cloudProviderTarget=([0-9]+) \(minSize=[0-9]+, maxSize=([0-9]+)\)")
GROWING = re.compile(r"ScaleUp: +InProgress ")
HEALTHY = "Healthy"
IN_PROGRESS = "InProgress"
BACKOFF = "Backoff"


def read_new_nodes(client: ClusterClient, *, now: datetime) -> int:
    """Return how many nodes the autoscaler may still make, 0 where none is at work or the account may not look."""
    return parse_new_nodes(_read_status(client, now=now))


def do_nodes_come(client: ClusterClient, settings: ClusterSettings, pods: Iterable[Pod], *, now: datetime) -> bool:
    """Return whether one of `pods` waits for a node and the cluster makes one: an autoscaler may or does, or there are
    fewer nodes at work than the setting says that it makes. Asks nothing where no pod waits."""
    if not any(awaits_node(pod) for pod in pods):
        return False
    status = _read_status(client, now=now)
    if is_growing(status) or parse_new_nodes(status):
        return True
    if not settings.most_nodes:
        return False
    return sum(is_ready(node) for node in client.list("v1", "Node", any_version=True)) < settings.most_nodes


def _read_status(client: ClusterClient, *, now: datetime) -> str:
    """Return what the autoscaler says, "" where none is at work or the account may not look."""
    try:
        status = client.get(STATUS, instance="*")
    except ClusterForbidden:
        return ""
    if status is None:
        return ""
    moment = MOMENT.match((status["metadata"].get("annotations") or {}).get(UPDATED, ""))
    if moment is None or now - datetime.strptime(f"{moment[1]} {moment[2]}", "%Y-%m-%d %H:%M:%S %z") > FRESH:
        return ""
    return str((status.get("data") or {}).get("status", ""))


def is_growing(text: str) -> bool:
    """Return whether a group of nodes is being enlarged now: its last node may be on its way. Pure."""
    groups = _parse_groups(text)
    if groups is None:
        return GROWING.search(text) is not None
    return any((group.get("scaleUp") or {}).get("status") == IN_PROGRESS for group in groups)


def parse_new_nodes(text: str) -> int:
    """Return how many nodes the groups that are well may still get, together; 0 for what is in neither form. Pure."""
    groups = _parse_groups(text)
    if groups is None:
        sizes = [(int(group[2]), int(group[3])) for group in GROUP.finditer(text) if group[1] == HEALTHY]
    else:
        sizes = list(_list_sizes(groups))
    return sum(max(0, most - target) for target, most in sizes)


def _parse_groups(text: str) -> list[dict[str, Any]] | None:
    """Return the groups of a status in YAML, None for one that is lines of text."""
    try:
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    groups = document.get("nodeGroups")
    return [group for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []


def _list_sizes(groups: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    """Yield (nodes asked for, nodes at most) of each group that is well and has not just failed to grow."""
    for group in groups:
        health, growth = (group.get(name) or {} for name in ("health", "scaleUp"))
        target, most = health.get("cloudProviderTarget"), health.get("maxSize")
        well = health.get("status") == HEALTHY and growth.get("status") != BACKOFF
        if well and isinstance(target, int) and isinstance(most, int):
            yield target, most
