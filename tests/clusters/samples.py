"""Clusters and kubeconfigs for tests."""

from typing import Any

import yaml

from clusters.models import Cluster
from clusters.registry import create_cluster

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
