"""Tells the engines' registry which engines this installation has."""

from django.apps import AppConfig
from django.conf import settings

from engine.base import Engine


class WiringConfig(AppConfig):
    """Registers engines once per process."""

    name = "civiparoisse"

    def ready(self) -> None:
        """Register the engines of this installation."""
        from engine.registry import register_engine, register_resolver

        register_engine("local", make_local_engine)
        register_resolver(resolve_cluster, list_clusters)


def resolve_cluster(name: str) -> Engine | None:
    """Return the engine of the cluster called `name`, None when there is none."""
    from clusters.engines import resolve_engine

    return resolve_engine(name)


def list_clusters() -> tuple[str, ...]:
    """Return the names of the clusters."""
    from clusters.engines import list_cluster_names

    return list_cluster_names()


def make_local_engine() -> Engine:
    """Return the engine that runs instances as processes of this machine."""
    from engine.local.engine import LocalEngine

    return LocalEngine(
        settings.LOCAL_ENGINE_ROOT,
        ports=range(settings.LOCAL_FIRST_PORT, settings.LOCAL_LAST_PORT + 1),
        account=settings.LOCAL_ACCOUNT,
    )
