"""Application `engine`: the engine that every installation has. The rest of this package knows no Django."""

from django.apps import AppConfig
from django.conf import settings

from engine.base import Engine
from engine.registry import register_engine


class EngineConfig(AppConfig):
    """Registers the local engine once per process."""

    name = "engine"

    def ready(self) -> None:
        """Register the engine that runs instances as processes of this machine."""
        register_engine("local", make_local_engine)


def make_local_engine() -> Engine:
    """Return the engine that runs instances as processes of this machine."""
    from engine.local.engine import LocalEngine

    return LocalEngine(
        settings.LOCAL_ENGINE_ROOT,
        ports=range(settings.LOCAL_FIRST_PORT, settings.LOCAL_LAST_PORT + 1),
        account=settings.LOCAL_ACCOUNT,
        numbers=range(settings.LOCAL_FIRST_ACCOUNT, settings.LOCAL_LAST_ACCOUNT + 1),
    )
