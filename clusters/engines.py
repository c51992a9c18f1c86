"""From an engine's name to the engine of that cluster, made once per process and again when its row has changed."""

import hashlib
import json
import os
import threading

from clusters.models import Cluster
from clusters.settings import make_cluster_settings
from engine.base import Engine

_lock = threading.Lock()
# Name of a cluster -> (what the engine was made of, the engine).
_engines: dict[str, tuple[str, Engine]] = {}


def resolve_engine(name: str) -> Engine | None:
    """Return the engine of the cluster called `name`, None when there is none. One query.

    The same row gives the same engine, whose connections are used again; a row that was edited a new one.
    """
    cluster = Cluster.objects.filter(name=name).first()
    if cluster is None:
        return None
    fingerprint = compute_fingerprint(cluster)
    with _lock:
        known = _engines.get(name)
        if known is None or known[0] != fingerprint:
            known = _engines[name] = (fingerprint, make_engine(cluster))
    return known[1]


def list_cluster_names() -> tuple[str, ...]:
    """Return the names of all clusters."""
    return tuple(Cluster.objects.order_by("name").values_list("name", flat=True))


def make_engine(cluster: Cluster) -> Engine:
    """Return a new engine for what the row says."""
    # Imported on first use: an installation without a cluster never loads the client, which is large.
    from engine.kubernetes.client import Connection
    from engine.kubernetes.engine import KubernetesEngine

    connection = Connection(kubeconfig=cluster.kubeconfig or None)
    return KubernetesEngine(cluster.name, connection=connection, settings=make_cluster_settings(cluster))


def compute_fingerprint(cluster: Cluster) -> str:
    """Return a digest of everything that an engine is made of; it tells nothing of the secrets in it."""
    content = json.dumps(cluster.read_parameters(), sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _forget_engines() -> None:
    """A forked process must not write into its parent's connections."""
    global _lock
    _lock = threading.Lock()
    _engines.clear()


os.register_at_fork(after_in_child=_forget_engines)
