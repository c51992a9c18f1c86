"""How many more nodes a cluster makes by itself: from what the cluster-autoscaler says of itself in a ConfigMap.

Two forms: YAML since its 1.30, lines of text before. What is old says nothing: the ConfigMap outlives its writer.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import yaml

from domain.errors import ClusterForbidden
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.paths import Reference

STATUS = Reference("v1", "ConfigMap", "kube-system", "cluster-autoscaler-status")
UPDATED = "cluster-autoscaler.kubernetes.io/last-updated"
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)? ([+-][0-9]{4})")
# It writes every ten seconds.
FRESH = timedelta(minutes=15)
# A line of a group of nodes; that of the whole cluster knows no sizes.
GROUP = re.compile(r"Health: +(\w+) .*cloudProviderTarget=([0-9]+) \(minSize=[0-9]+, maxSize=([0-9]+)\)")
HEALTHY = "Healthy"
BACKOFF = "Backoff"


def read_new_nodes(client: ClusterClient, *, now: datetime) -> int:
    """Return how many nodes the autoscaler may still make, 0 where none is at work or the account may not look."""
    try:
        status = client.get(STATUS, instance="*")
    except ClusterForbidden:
        return 0
    if status is None:
        return 0
    moment = MOMENT.match((status["metadata"].get("annotations") or {}).get(UPDATED, ""))
    if moment is None or now - datetime.strptime(f"{moment[1]} {moment[2]}", "%Y-%m-%d %H:%M:%S %z") > FRESH:
        return 0
    return parse_new_nodes((status.get("data") or {}).get("status", ""))


def parse_new_nodes(text: str) -> int:
    """Return how many nodes the groups that are well may still get, together; 0 for what is in neither form. Pure."""
    try:
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        sizes = list(_list_sizes(document.get("nodeGroups")))
    else:
        sizes = [(int(group[2]), int(group[3])) for group in GROUP.finditer(text) if group[1] == HEALTHY]
    return sum(max(0, most - target) for target, most in sizes)


def _list_sizes(groups: Any) -> Iterator[tuple[int, int]]:
    """Yield (nodes asked for, nodes at most) of each group that is well and has not just failed to grow."""
    for group in groups if isinstance(groups, list) else ():
        health, growth = (group.get(name) or {} for name in ("health", "scaleUp"))
        target, most = health.get("cloudProviderTarget"), health.get("maxSize")
        well = health.get("status") == HEALTHY and growth.get("status") != BACKOFF
        if well and isinstance(target, int) and isinstance(most, int):
            yield target, most
