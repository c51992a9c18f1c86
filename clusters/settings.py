"""From a cluster's row to the frozen settings that engines take, and to what instances on it are recorded with."""

from typing import Any

from django.conf import settings

from clusters.models import Cluster
from clusters.parameters import RARE_SETTINGS
from domain.cluster import ClusterSettings, IngressKind
from domain.errors import NotFound
from engine.registry import list_engines

SECONDS_PER_HOUR = 3600


def make_cluster_settings(cluster: Cluster) -> ClusterSettings:
    """Return what differs between clusters, with the defaults filled in."""
    rare: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in (
            (name, cluster.settings.get(name, setting.default)) for name, setting in RARE_SETTINGS.items()
        )
    }
    return ClusterSettings(
        manager=str(cluster.manager),
        storage_class=cluster.storage_class or None,
        ingress_kind=IngressKind(cluster.ingress_kind),
        ingress_class=cluster.ingress_class or None,
        ingress_tls_secret=cluster.ingress_tls_secret or None,
        ingress_namespace=cluster.ingress_namespace,
        gateway_name=cluster.gateway_name,
        gateway_namespace=cluster.gateway_namespace,
        gateway_section=cluster.gateway_section or None,
        image_pull_config=cluster.image_pull_config or None,
        priority_class=cluster.priority_class or None,
        spread_instances=cluster.spread_instances,
        deletion_grace_seconds=cluster.deletion_grace_hours * SECONDS_PER_HOUR,
        **rare,
    )


def select_place(engine: str | None) -> dict[str, Any]:
    """Return the arguments of `create_instance` for an instance on `engine`: its name, and the domain and the template
    of its hosts.

    None is the installation's default engine. Raise NotFound for a name that this installation does not have.
    """
    name = engine or settings.DEFAULT_ENGINE
    if name not in list_engines():
        raise NotFound(what="engine", name=name)
    cluster = Cluster.objects.filter(name=name).only("domain", "host_template").first()
    return {
        "engine": name,
        "domain": (cluster and cluster.domain) or settings.PARISH_DOMAIN,
        "host_template": (cluster and cluster.host_template) or settings.HOST_TEMPLATE,
    }
