"""Whose a namespace is: the one guard before everything that is written on a cluster. Several managers may share it.

Each manager leaves its mark on the namespaces that it makes. What is in a namespace without our label, or with the mark
of another manager, is never changed: neither applied, nor run, nor removed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import CiviparoisseError
from engine.kubernetes.paths import Reference
from manifests.labels import MANAGER_LABEL, is_ours

Object = Mapping[str, Any]
NAMESPACE = "Namespace"


def is_owned(namespace: Object, manager: str) -> bool:
    """Return whether the manager whose mark is `manager` made the namespace; one without any mark it did not."""
    labels = namespace["metadata"].get("labels") or {}
    return is_ours(namespace) and labels.get(MANAGER_LABEL) == manager


class Guard:
    """Refuses to write into namespaces of others, for one visit of the cluster by one manager.

    `manager`: our mark. What the visit has read of a namespace is what it goes by, so that a guard costs one question
    for each namespace at most.
    """

    def __init__(self, manager: str) -> None:
        self.manager = manager
        self._owned: dict[str, bool] = {}

    def note(self, name: str, namespace: Object | None) -> None:
        """Remember whose the namespace is as it was just read; one that is not there is free."""
        self._owned[name] = namespace is None or is_owned(namespace, self.manager)

    def allow(self, name: str) -> None:
        """Let this visit write into a namespace of somebody else's: for its adoption alone, which a person typed."""
        self._owned[name] = True

    def check(self, reference: Reference, *, instance: str, read: Callable[[str], object]) -> None:
        """Raise CiviparoisseError `namespace_foreign` before something is written at `reference`, when it is in a
        namespace of somebody else's. `read`: reads the namespace, which notes it."""
        name = reference.name if reference.kind == NAMESPACE else reference.namespace
        if not name:
            return
        if name not in self._owned:
            read(name)
        if not self._owned[name]:
            raise CiviparoisseError("namespace_foreign", instance=instance if instance != "*" else name)
