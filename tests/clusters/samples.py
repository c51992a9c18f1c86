"""Clusters and kubeconfigs for tests."""

from datetime import datetime
from typing import Any

import yaml

from clusters.models import Cluster
from clusters.registry import create_cluster
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationState
from operations.models import Operation
from tests.engines import FakeEngine
from tests.rows import make_instance_row

SECRET = "a-secret-token"


def make_kubeconfig(*, server: str = "https://cluster.example.org:6443", user: Any = None, **cluster: Any) -> str:
    """Return a kubeconfig that stands alone."""
    entry = {"server": server, "certificate-authority-data": "Q0E=", **cluster}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "main",
            "contexts": [{"name": "main", "context": {"cluster": "here", "user": "manager"}}],
            "clusters": [{"name": "here", "cluster": entry}],
            "users": [{"name": "manager", "user": user or {"token": SECRET}}],
        }
    )


def make_cluster_row(name: str = "strasbourg", **changes: Any) -> Cluster:
    """Return a cluster, recorded through its door."""
    return create_cluster({"name": name, "kubeconfig": make_kubeconfig(), **changes}, requested_by="tests")


def make_instances(fake: FakeEngine, *slugs: str, state: InstanceState = InstanceState.ACTIVE) -> None:
    """Record instances on the cluster "strasbourg", all of their servers running there."""
    for slug in slugs:
        make_instance_row(slug, state=state, engine="strasbourg")
        fake.set_up(slug, running=ALL_COMPONENTS)


def end_all(when: datetime | None = None) -> None:
    """End every operation that was asked, as workers would have; `when`: it was asked then."""
    for operation in Operation.objects.filter(lock__isnull=False):
        operation.lock, operation.state = None, OperationState.SUCCEEDED.value
        operation.save()
        operation.instance.state = InstanceState.ACTIVE.value
        operation.instance.save()
    if when is not None:
        Operation.objects.update(created_at=when)
