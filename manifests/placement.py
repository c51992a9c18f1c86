"""On which node the pods of an instance run. Pure.

The volumes can be mounted on one node at a time (ReadWriteOnce), and every pod of an instance mounts some of them.
Each pod therefore requires a node with a pod of its own instance. The scheduler lets the first one go anywhere, since
it matches its own rule (kubernetes.io, "Inter-pod affinity"): nothing waits for a pod that is scaled to zero.
"""

from typing import Any

from manifests.labels import COMPONENT_LABEL, INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGER

NODE = "kubernetes.io/hostname"


def make_affinity(identifier: str, *, spread: bool) -> dict[str, Any]:
    """Return the affinity of every pod of an instance. `spread`: prefer a node with few databases of other instances;
    they are in other namespaces, which topology spread constraints do not see."""
    own = {"labelSelector": {"matchLabels": {INSTANCE_LABEL: identifier}}, "topologyKey": NODE}
    affinity: dict[str, Any] = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [own]}}
    if spread:
        others = {
            "labelSelector": {"matchLabels": {MANAGED_BY_LABEL: MANAGER, COMPONENT_LABEL: "db"}},
            "namespaceSelector": {"matchLabels": {MANAGED_BY_LABEL: MANAGER}},
            "topologyKey": NODE,
        }
        preferred = [{"weight": 100, "podAffinityTerm": others}]
        affinity["podAntiAffinity"] = {"preferredDuringSchedulingIgnoredDuringExecution": preferred}
    return affinity
